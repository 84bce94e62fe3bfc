"""An order for a terminal: the sentence, the picture, what lives at the peak."""

from collections.abc import Sequence

from ahasd.graph_ordering.outcome import Outcome
from ahasd.graph_ordering.peak import LiveBytes, blocks_at
from ahasd.plain_text import one_line
from ahasd.report.ordering.comparison import comparison
from ahasd.report.ordering.sentence import sentence
from ahasd.report.ordering.sizes import kilobytes
from ahasd.report.ordering.staircase import staircase
from ahasd.report.text import paragraphs

#: Tensors named at the peak (ours).
NAMED = 8


def ordering_text(outcome: Outcome, width: int, plain: bool, details: bool) -> str:
    """Lay an outcome out.

    Parameters
    ----------
    width
        Columns of the terminal.
    plain
        Whether pictures are of ASCII.
    details
        Whether every step is listed.
    """
    lines = paragraphs([sentence(outcome)], width)
    if outcome.problem.nodes:
        lines += ["", *_picture(outcome, width, plain), "", *_at_peak(outcome, width)]
    if outcome.compared:
        lines += ["", *comparison(outcome).terminal().splitlines()]
    lines += ["", *paragraphs([_arena(outcome)], width)]
    if outcome.scratchpad is not None:
        lines += paragraphs([_spill(outcome)], width)
    if details:
        lines += ["", *_steps(outcome)]
    return "\n".join(lines) + "\n"


def _picture(outcome: Outcome, width: int, plain: bool) -> list[str]:
    top = max(outcome.live.peak, outcome.given_live.peak, 1)
    lines: list[str] = []
    for name, live in (("given order", outcome.given_live), (_name(outcome), outcome.live)):
        if lines and outcome.chosen.order == outcome.given.order:
            break
        lines += [*staircase(live.during, top, width, plain), *paragraphs([_caption(name, live)], width)]
    return lines


def _caption(name: str, live: LiveBytes) -> str:
    return f"{name}: {kilobytes(live.peak)} at step {live.peak_step + 1} of {len(live.during)}"


def _name(outcome: Outcome) -> str:
    return f"order by {outcome.chosen.method}"


def _at_peak(outcome: Outcome, width: int) -> list[str]:
    step = outcome.live.peak_step
    blocks = [block for block in blocks_at(outcome.problem, outcome.chosen.order, step) if block.bytes]
    node = outcome.problem.names[outcome.chosen.order[step]]
    named = [f"{one_line(block.name)} {kilobytes(block.bytes)}" for block in blocks[:NAMED]]
    if len(blocks) > NAMED:
        rest = sum(block.bytes for block in blocks[NAMED:])
        named.append(f"{len(blocks) - NAMED} more with {kilobytes(rest)}")
    return paragraphs([f"At the peak, while {one_line(node)} runs: {', '.join(named)}."], width)


def _arena(outcome: Outcome) -> str:
    arena = outcome.arena
    if arena.bytes == arena.live_bytes:
        return f"Arena: {kilobytes(arena.bytes)} ({arena.fit}), nothing lost between blocks."
    proved = ", proved to be the least" if arena.optimal else ""
    lost = f"{arena.fragmentation * 100:.1f} % of it lost between blocks"
    return f"Arena: {kilobytes(arena.bytes)} ({arena.fit}{proved}), {lost}."


def _spill(outcome: Outcome) -> str:
    pad, ours, given = outcome.scratchpad, outcome.spilled, outcome.given_spilled
    assert pad is not None
    assert ours is not None
    assert given is not None
    if not given.bytes and not ours.bytes:
        return f"Both orders fit {kilobytes(pad.bytes)} of scratchpad: nothing is spilled."
    return (
        f"Beyond {kilobytes(pad.bytes)} of scratchpad on {one_line(pad.preset)}: {kilobytes(ours.bytes)} spilled in "
        f"{ours.steps} steps, {ours.seconds * 1e3:.3g} ms and {ours.joules * 1e3:.3g} mJ of the memory's bus; the "
        f"given order {kilobytes(given.bytes)}, {given.seconds * 1e3:.3g} ms and {given.joules * 1e3:.3g} mJ."
    )


def _steps(outcome: Outcome) -> Sequence[str]:
    return [
        f"{step + 1:>6} {kilobytes(live):>12}  {one_line(outcome.problem.names[node])}"
        for step, (node, live) in enumerate(zip(outcome.chosen.order, outcome.live.during, strict=True))
    ]
