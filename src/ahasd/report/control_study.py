"""The study of control as a document."""

from collections.abc import Iterable, Sequence

from ahasd.plain_text import one_line
from ahasd.report.markdown import wrapped
from ahasd.report.table import Table, left, right
from ahasd.studies.control.cells import BOUNDS
from ahasd.studies.control.signals import VERDICTS, SignalCell
from ahasd.studies.control.study import ControlCell, ControlStudy, MappingCell
from ahasd.studies.control.summaries import TraceSummary, by_parameter, gain_factors, summarize_traces
from ahasd.studies.control.sweeps import MIDDLE, SweepPoint

INTRODUCTION = """# What control is worth

Written by `ahasd study control --output docs/studies`; figures are simulated. Acceptance comes from traces of
SmolLM2-135M, with a draft of half of its bytes (itself at 4 bits) and with a small one, or from synthetic traces;
costs are those of the named pair.

On AHASD's mapping (target on the NPU, draft in the other ranks, AAU) control decides two things: when a pass of the
target starts, and whether the draft goes on. Five ways to decide are compared:

- **static**: the best fixed draft length, look-ahead limit and coalescing, tuned on every other prompt of the trace
  with as many seeds as it is then measured with on the rest.
- **goodput** (`ahasd-plus`): starts a pass when no waiting promises an earlier end of the chain, by measured step
  times and an acceptance estimate learned online from entropy and draft probability. Causal.
- **informed**: the same rule, told the true acceptance probability of each drafted token (not the coin): what better
  signals would bring to this rule. It is no bound on other rules.
- **exact**: knows every coin and drafts each chain exactly up to its first rejection.
- **clairvoyant**: knows every coin and may cut chains short where the text then meets a luckier draft: the bound
  that other control is held against.

"""


def control_page(study: ControlStudy, findings: str = "") -> str:
    """The document: what people found in it, then the tables."""
    parts = [
        INTRODUCTION + findings.rstrip() + "\n",
        "## Control on AHASD's own mapping\n\nTokens per second on prompts on which the static control was not "
        "tuned; shares are (T - T_static) / (T_bound - T_static).\n",
        "".join(map(_trace_line, summarize_traces(study.controls))),
        control_table(study.controls).markdown(),
        "### What the draft's signals tell\n\nNats per verdict (mean log loss), each verdict predicted before it is "
        f"learned from; {VERDICTS} verdicts on the same prompts. The last column is the share of what the true "
        "probabilities tell beyond the recent rate that the learned estimate tells.\n",
        signal_table(study.signals).markdown(),
        "## Mapping: ahasd-plus against every fixed system\n\nAdaEDL, the same prompts for all; "
        "`room` is what both devices together might reach, over the best fixed system. It is the faster of "
        "`clairvoyant` and of both decoding with the target alone without ever waiting for each other, where of each "
        "channel's ranks the one that feeds the NPU does not compute.\n",
        mapping_table(study.mappings).markdown(),
        *_left_out(study.mappings),
        "The gain over `ahasd` as two factors:\n",
        factors_table(study.mappings).markdown(),
        "## Where EDC, TVC and goodput help\n\nThroughput over plain asynchrony (batches of four, the oldest "
        f"verified first), one parameter at a time from {_middle()}; passes take 100 ms whatever their width.\n",
        *(table.markdown() for table in sweep_tables(study.sweeps)),
        f"Runs of {study.tokens} tokens, {study.seeds} seed{'s' if study.seeds > 1 else ''} each.\n",
    ]
    return wrapped("\n".join(parts))


def control_table(cells: Sequence[ControlCell]) -> Table:
    """Tokens per second and shares of the gap."""
    columns = (
        *left("pair", "reading", "trace", "best static"),
        *right("static", "goodput", *BOUNDS),
        *right("of clairvoyant", "of exact", "informed, of exact", "J/token static", "goodput"),
    )
    return Table(columns, list(map(_control_row, cells)))


def signal_table(cells: Sequence[SignalCell]) -> Table:
    """How well verdicts are predicted by the recent rate, the learned estimate and the true probability."""
    columns = (*left("trace"), *right("recent rate", "learned from signals", "true probability", "share"))
    rows = [
        (cell.trace, f"{cell.rate:.3f}", f"{cell.learned:.3f}", f"{cell.known:.3f}", f"{cell.share:.2f}")
        for cell in cells
    ]
    return Table(columns, rows)


def mapping_table(cells: Sequence[MappingCell]) -> Table:
    """ahasd-plus against the best fixed system, and its gain over ahasd as mapping times control."""
    columns = (
        *left("pair", "reading", "ahasd-plus runs"),
        *right("tok/s"),
        *left("best fixed"),
        *right("tok/s", "ratio", "room", "J/token", "best's", "gain over ahasd"),
    )
    return Table(columns, list(map(_mapping_row, cells)))


def factors_table(cells: Sequence[MappingCell]) -> Table:
    """The gain over ahasd as control (goodput on AHASD's own mapping over ahasd) times mapping (the rest)."""
    rows = [
        (one.pair, one.hardware, f"{one.mapping:.2f}", f"{one.control:.2f}", f"{one.gain:.2f}")
        for one in gain_factors(cells)
    ]
    return Table((*left("pair", "reading"), *right("mapping", "control", "gain over ahasd")), rows)


def sweep_tables(points: Iterable[SweepPoint]) -> list[Table]:
    """A table per parameter: throughput over plain asynchrony with batches of four."""
    tables = []
    for parameter, of in by_parameter(points).items():
        names = list(of[0].relative)
        rows = [(point.value, *(f"{point.relative[name]:.3f}" for name in names)) for point in of]
        tables.append(Table((*left(parameter), *right(*names)), rows, parameter))
    return tables


def _trace_line(found: TraceSummary) -> str:
    """How far the target of half the gap is met."""
    clairvoyant, exact = found.of_clairvoyant, found.of_exact
    return (
        f"- `{found.trace}`: goodput is {found.gain:.3f} times the best static control (geometric mean; least "
        f"{found.least_gain:.3f}). Share of the gap to clairvoyant: geometric mean {clairvoyant.mean:.2f}, least "
        f"{clairvoyant.least:+.2f}; to exact: {exact.mean:.2f}, least {exact.least:+.2f}. The informed bound closes "
        f"{found.informed_of_exact:.2f} of the gap to exact.\n"
    )


def _control_row(cell: ControlCell) -> list[str]:
    speeds = (figures.tokens_per_second for figures in (cell.static, cell.goodput, *cell.bounds.values()))
    return [
        cell.pair,
        cell.hardware,
        cell.trace,
        str(cell.chosen),
        *(f"{speed:.2f}" for speed in speeds),
        f"{cell.share('clairvoyant'):+.2f}",
        f"{cell.share('exact'):+.2f}",
        f"{cell.share('exact', cell.bounds['informed']):+.2f}",
        f"{cell.static.joules_per_token:.3f}",
        f"{cell.goodput.joules_per_token:.3f}",
    ]


def _mapping_row(cell: MappingCell) -> list[str]:
    best = cell.fixed[cell.best]
    return [
        cell.pair,
        cell.hardware,
        cell.runs,
        f"{cell.plus.tokens_per_second:.2f}",
        cell.best,
        f"{best.tokens_per_second:.2f}",
        f"{cell.ratio:.3f}",
        f"{cell.room:.2f}",
        f"{cell.plus.joules_per_token:.3f}",
        f"{best.joules_per_token:.3f}",
        "" if cell.over_ahasd is None else f"{cell.over_ahasd:.2f}",
    ]


def _left_out(cells: Sequence[MappingCell]) -> list[str]:
    """Fixed systems that cannot run, as a list under the table; nothing where all can."""
    lines = [
        f"- {one_line(f'{cell.pair} on {cell.hardware}, without {system}: {reason}')}\n"
        for cell in cells
        for system, reason in cell.refused.items()
    ]
    return ["".join(lines)] if lines else []


def _middle() -> str:
    """The point from which the sweeps depart."""
    return ", ".join(f"{name} {value:g}" for name, value in MIDDLE.items())
