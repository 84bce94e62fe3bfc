"""What a reader of a replay should know, and the sizes that are replayed."""

from collections.abc import Sequence

from ahasd.errors import AhasdError
from ahasd.experts.cache.policies import Policy
from ahasd.text_files import plain_number, whole_number
from ahasd.traces.routing.trace import RoutingTrace


def slots_of(text: str, experts: int) -> tuple[list[int], list[str]]:
    """Read numbers of slots; more than there are experts are cut to as many, and a note says so.

    Raises
    ------
    AhasdError
        One is no whole number, or below 0.
    """
    sizes, notes = [], []
    for part in text.split(","):
        try:
            size = whole_number(plain_number(part.strip()))
        except ValueError:
            size = -1
        if size < 0:
            raise AhasdError(f"--slots '{part.strip()}' must be a whole number of experts, at least 0")
        if size > experts:
            notes.append(f"{size} slots are cut to {experts}: a layer has no more experts.")
        sizes.append(min(size, experts))
    return list(dict.fromkeys(sizes)), notes


def static_hot_note(policy: Policy) -> str:
    """Say on what the hottest experts were counted, and whom that flatters."""
    share = policy.options["share"]
    if share == 1:
        return (
            f"{policy.text} is filled with the hottest experts of this very text, all of it: no system knows them "
            "before, so it is an oracle."
        )
    return (
        f"{policy.text} is filled with the hottest experts of the first {share:.0%} of this very text, which count "
        "towards its hits as the rest do: that flatters it, and more so the shorter the text."
    )


def replay_notes(trace: RoutingTrace, policies: Sequence[Policy], prefetch: str = "none") -> list[str]:
    """Say what the figures rest on.

    Parameters
    ----------
    prefetch
        Name of the way to fetch ahead.
    """
    names, notes = {policy.name for policy in policies}, []
    if trace.header.synthetic:
        notes.append(
            "Made-up routing: these figures show what follows from its numbers, not what a model does."
        )
    online = names - {"static-hot", "belady"}
    if online:
        notes.append("Caches start empty; the first use of an expert is a miss.")
    if "static-hot" in names:
        notes += [static_hot_note(policy) for policy in policies if policy.name == "static-hot"]
    if "belady" in names:
        notes.append("belady knows what comes and is filled to begin with: a bound, not a policy that runs.")
    if prefetch != "none":
        notes.append(
            "What is fetched ahead counts as there, though its read may still be under way; in a prefix nothing is, "
            "unless all layers share the slots."
        )
        if "static-hot" in names:
            notes.append("static-hot keeps nothing that is fetched, so fetching ahead brings it nothing.")
        if "belady" in names:
            notes.append("belady's row fetches nothing ahead, and is no bound for those that do.")
    if (
        "mrs" in names
        and trace.scores is not None
        and trace.scores.shape[2] < min(2 * trace.top, trace.experts)
    ):
        notes.append(
            f"mrs smooths the {2 * trace.top} highest scores of a token; this trace has {trace.scores.shape[2]}."
        )
    return notes
