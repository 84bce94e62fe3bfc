"""One round of drafting: the decisions of SpecASR's parts, the same in the simulator and on real models.

SpecASR (arXiv 2507.18181) is known to us by its abstract and summaries; where they are silent, this is our reading:
thresholds, windows and the order of the parts are options, and every default is ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.speculation.recycling.draft_source import DraftSource
from ahasd.speculation.recycling.drafted_token import NONE, DraftedToken
from ahasd.speculation.recycling.options import SpeechDraftOptions
from ahasd.speculation.recycling.rejected_suffix import RejectedSuffix
from ahasd.speculation.recycling.token_tree import TokenTree


@dataclass(frozen=True, slots=True)
class Recyclable:
    """A rejected suffix, and the correction that came in its place."""

    suffix: RejectedSuffix
    correction: int


@dataclass(frozen=True, slots=True)
class DraftRound:
    """What a round proposes.

    Parameters
    ----------
    tree
        The trunk and its branches. Drafted + reused + branched tokens are its tokens.
    drafted
        Tokens of the trunk that the draft wrote in this round.
    confirmed
        Of these, the ones that a masked pass took over from the rejected suffix.
    reused
        Tokens of the trunk that were taken from the rejected suffix as they were.
    branched
        Tokens of branches.
    """

    tree: TokenTree
    drafted: int
    confirmed: int
    reused: int
    branched: int


def draft_round(
    source: DraftSource, options: SpeechDraftOptions, recyclable: Recyclable | None, end: int
) -> DraftRound:
    """Draft one round.

    Parameters
    ----------
    source
        Behind the text, correction included.
    recyclable
        Of the round before; None where its draft was accepted to its end.
    end
        The token that ends a text.
    """
    recycling = None if options.recycling == "none" else recyclable
    trunk, confirmed, reused = _trunk(source, options, recycling, end)
    drafted = len(trunk) - reused
    tokens, parents = list(trunk), [place - 1 for place in range(len(trunk))]
    if options.branching:
        _branch(source, options, tokens, parents, drafted)
    return DraftRound(TokenTree(tokens, parents), drafted, confirmed, reused, len(tokens) - len(trunk))


def _trunk(
    source: DraftSource, options: SpeechDraftOptions, recycling: Recyclable | None, end: int
) -> tuple[list[DraftedToken], int, int]:
    """Give the trunk, how many of its tokens a masked pass confirmed, and how many at its end are reused."""
    trunk: list[DraftedToken] = []
    confirmed = 0
    while True:
        asked: list[int] = []
        if options.recycling == "masked":
            room = min(options.checked_at_once, options.longest - len(trunk) - 1)
            asked = [drafted.token for drafted in _in_step(recycling, trunk, options)[:room]]
        written = source.check(asked) if asked else source.step()
        if not written:
            return trunk, confirmed, 0
        agreed = sum(told.token == wanted for told, wanted in zip(written, asked, strict=False))
        kept = _up_to(list(written)[: options.longest - len(trunk)], options, end)
        trunk += kept
        confirmed += min(agreed, len(kept))
        if options.recycling == "reuse" and trunk[-1].token != end:
            # Also behind an unsure token: the old draft was sure of what came then.
            suffix = _in_step(recycling, trunk, options)[: options.longest - len(trunk)]
            if suffix:
                reused = _up_to(suffix, options, end)
                return [*trunk, *reused], 0, len(reused)
        if _ends(trunk[-1], options, end) or len(trunk) >= options.longest:
            trunk = _without_uncertain(trunk, options)
            return trunk, min(confirmed, len(trunk)), 0


def _in_step(
    recycling: Recyclable | None, trunk: Sequence[DraftedToken], options: SpeechDraftOptions
) -> Sequence[DraftedToken]:
    """Give what the rejected suffix goes on with behind the new trunk."""
    if recycling is None:
        return ()
    written = [recycling.correction, *(drafted.token for drafted in trunk)]
    place = recycling.suffix.place(written, options.window, options.match)
    return () if place is None else recycling.suffix.tokens[place:]


def _up_to(tokens: Sequence[DraftedToken], options: SpeechDraftOptions, end: int) -> list[DraftedToken]:
    """Cut behind the first token that ends drafting."""
    found: list[DraftedToken] = []
    for drafted in tokens:
        found.append(drafted)
        if _ends(drafted, options, end):
            break
    return found


def _ends(drafted: DraftedToken, options: SpeechDraftOptions, end: int) -> bool:
    return drafted.token == end or drafted.probability < options.truncation


def _without_uncertain(trunk: list[DraftedToken], options: SpeechDraftOptions) -> list[DraftedToken]:
    drop = not options.keep_uncertain and len(trunk) > 1 and trunk[-1].probability < options.truncation
    return trunk[:-1] if drop else trunk


def _branch(
    source: DraftSource,
    options: SpeechDraftOptions,
    tokens: list[DraftedToken],
    parents: list[int],
    drafted: int,
) -> None:
    """Add siblings where the draft was unsure of what it wrote itself, and the trunk behind them where in step."""
    trunk = tuple(tokens)
    unsure = [
        place
        for place, token in enumerate(trunk[:drafted])
        if token.probability < options.branching and token.runner_up != NONE
    ]
    unsure = unsure[: options.most_tokens - len(trunk)]
    if not unsure:
        return
    for place, following in zip(unsure, source.branch(unsure), strict=True):
        room = options.most_tokens - len(tokens)
        grown = _sibling(trunk, place, following, options.window)[:room]
        for depth, token in enumerate(grown):
            parents.append(parents[place] if depth == 0 else len(tokens) - 1)
            tokens.append(token)


def _sibling(trunk: Sequence[DraftedToken], place: int, following: int, window: int) -> list[DraftedToken]:
    """Give the branch of a runner-up: it, what the draft writes behind it, and the trunk from there on.

    The trunk is in step where it holds the token behind the runner-up, nearest to where that would stand.
    """
    unsure = trunk[place]
    branch = [DraftedToken(unsure.runner_up, 1.0 - unsure.probability)]
    if following == NONE:
        return branch
    near = [
        at for at in range(place, min(len(trunk), place + 1 + window + 1)) if trunk[at].token == following
    ]
    if not near:
        return [*branch, DraftedToken(following, 1.0 - unsure.probability)]
    return [*branch, *trunk[min(near, key=lambda at: abs(at - place - 1)) :]]
