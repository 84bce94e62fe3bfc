"""What the runtime did as Chrome-trace JSON, in the form of the simulator's, to be laid side by side."""

from collections.abc import Mapping, Sequence
from typing import Any

from ahasd.decoding.run_steps import RunStep, RunSteps
from ahasd.report.run.chrome_trace import Event, complete, counter, trace_document, track_names

#: Tracks, by what the runtime calls a side.
TRACKS = ("target", "draft")

_PICOSECONDS_PER_SECOND = 1e12


def runtime_trace(runs: Mapping[str, RunSteps]) -> dict[str, Any]:
    """Passes of draft and target, and tokens of the text over time; microseconds since the request.

    Where drafting and verifying take turns, a drafted token's fate is that of its place in the round; where they run
    at once, a record does not say which pass judged which token, and drafts bear none.

    Parameters
    ----------
    runs
        By name, each a process of its own.
    """
    events: list[Event] = []
    for process, (name, steps) in enumerate(runs.items(), start=1):
        events.append({"ph": "M", "pid": process, "name": "process_name", "args": {"name": name}})
        events += _run(steps, process)
    return trace_document(events)


def _run(steps: RunSteps, process: int) -> list[Event]:
    fates = draft_fates(steps.timeline) if steps.method == "speculative" else {}
    events = track_names(TRACKS, process)
    for place, step in enumerate(steps.timeline):
        details: dict[str, Any] = {"width": step.tokens, "new_tokens": step.new_tokens}
        name: str = step.kind
        if place in fates:
            details["fate"] = fates[place]
            name = f"{step.kind} ({fates[place]})"
        track = TRACKS.index(step.side) + 1
        times = step.start_s * 1e6, step.seconds * 1e6
        events.append(complete(track, name, step.kind, *times, details, process))
    return [*events, *tokens_counter(steps.tokens_over_time, process)]


def draft_fates(timeline: Sequence[RunStep]) -> dict[int, str]:
    """Place in the timeline -> fate, of steps that drafted for a verification; others are not in it.

    A round's accepted tokens are its first; the next was rejected, if there is one, and what follows flushed. What no
    verification judged is in flight.
    """
    fates: dict[int, str] = {}
    waiting: list[int] = []
    for place, step in enumerate(timeline):
        if step.kind == "draft":
            waiting.append(place)
        elif step.kind == "verify":
            # The draft reads what it has not seen before it drafts; a verification's width tells how many tokens.
            drafted = waiting[-(step.tokens - 1) :] if step.tokens > 1 else []
            accepted = max(0, step.new_tokens - 1)
            for number, one in enumerate(drafted):
                fates[one] = (
                    "accepted" if number < accepted else "rejected" if number == accepted else "flushed"
                )
            waiting = []
    return fates | dict.fromkeys(waiting, "in_flight")


def tokens_counter(over_time: Sequence[tuple[float, int]], process: int) -> list[Event]:
    """Tokens of the text by then."""
    return [
        counter("tokens", round(seconds * _PICOSECONDS_PER_SECOND), "tokens", tokens, process)
        for seconds, tokens in over_time
    ]
