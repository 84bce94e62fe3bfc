"""The study of control as a document."""

from collections.abc import Iterable, Sequence

from ahasd.studies.control.cells import BOUNDS
from ahasd.studies.control.signals import VERDICTS, SignalCell
from ahasd.studies.control.study import ControlCell, ControlStudy, MappingCell, geometric_mean
from ahasd.studies.control.sweeps import MIDDLE, SweepPoint

INTRODUCTION = """# What control is worth

Written by `ahasd study control --output docs/studies`; figures are simulated. Acceptance comes from traces of the
tiny pair or from synthetic ones, so nothing here says how often a large draft is right; costs are those of the named
pair.

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
        INTRODUCTION + findings.rstrip(),
        "## Control on AHASD's own mapping\n\nTokens per second on prompts on which the static control was not "
        "tuned; shares are (T - T_static) / (T_bound - T_static).",
        control_summary(study.controls),
        control_table(study.controls),
        "### What the draft's signals tell\n\nNats per verdict (mean log loss), each verdict predicted before it is "
        f"learned from; {VERDICTS} verdicts on the same prompts. The last column is the share of what the true "
        "probabilities tell beyond the recent rate that the learned estimate tells.",
        signal_table(study.signals),
        "## Mapping: ahasd-plus against every fixed system\n\nAdaEDL, the same prompts for all; "
        "`room` is what both devices together might reach, over the best fixed system. It is the faster of "
        "`clairvoyant` and of both decoding with the target alone without ever waiting for each other, where of each "
        "channel's ranks the one that feeds the NPU does not compute.",
        mapping_table(study.mappings),
        "The gain over `ahasd` as two factors:",
        factors_table(study.mappings),
        "## Where EDC, TVC and goodput help\n\nThroughput over plain asynchrony (batches of four, the oldest "
        f"verified first), one parameter at a time from {middle()}; passes take 100 ms whatever their width.",
        sweep_tables(study.sweeps),
        f"Runs of {study.tokens} tokens, {study.seeds} seed{'s' if study.seeds > 1 else ''} each.",
    ]
    return "\n\n".join(parts) + "\n"


def control_table(cells: Sequence[ControlCell]) -> str:
    """Tokens per second and shares of the gap, with the geometric means of the shares."""
    head = ("pair", "reading", "trace", "best static", "static", "goodput", *BOUNDS)
    shares = ("of clairvoyant", "of exact", "informed, of exact", "J/token static", "goodput")
    rows = [
        (
            cell.pair,
            cell.hardware,
            cell.trace,
            str(cell.chosen),
            *(
                f"{figures.tokens_per_second:.2f}"
                for figures in (cell.static, cell.goodput, *cell.bounds.values())
            ),
            f"{cell.share('clairvoyant'):+.2f}",
            f"{cell.share('exact'):+.2f}",
            f"{cell.share('exact', cell.bounds['informed']):+.2f}",
            f"{cell.static.joules_per_token:.3f}",
            f"{cell.goodput.joules_per_token:.3f}",
        )
        for cell in cells
    ]
    return _table((*head, *shares), rows)


def control_summary(cells: Sequence[ControlCell]) -> str:
    """How far the target of half the gap is met, by trace."""
    lines = []
    for trace in dict.fromkeys(cell.trace for cell in cells):
        of = [cell for cell in cells if cell.trace == trace]
        ours = [cell.share("clairvoyant") for cell in of]
        exact = [cell.share("exact") for cell in of]
        informed = [cell.share("exact", cell.bounds["informed"]) for cell in of]
        gain = geometric_mean([cell.goodput.tokens_per_second / cell.static.tokens_per_second for cell in of])
        lines.append(
            f"- `{trace}`: goodput is {gain:.3f} times the best static control (geometric mean; least "
            f"{min(cell.goodput.tokens_per_second / cell.static.tokens_per_second for cell in of):.3f}). Share of "
            f"the gap to clairvoyant: geometric mean {geometric_mean(ours):.2f}, least {min(ours):+.2f}; to exact: "
            f"{geometric_mean(exact):.2f}, least {min(exact):+.2f}. The informed bound closes "
            f"{geometric_mean(informed):.2f} of the gap to exact."
        )
    return "\n".join(lines)


def signal_table(cells: Sequence[SignalCell]) -> str:
    """How well verdicts are predicted by the recent rate, the learned estimate and the true probability."""
    rows = [
        (cell.trace, f"{cell.rate:.3f}", f"{cell.learned:.3f}", f"{cell.known:.3f}", f"{cell.share:.2f}")
        for cell in cells
    ]
    return _table(("trace", "recent rate", "learned from signals", "true probability", "share"), rows)


def mapping_table(cells: Sequence[MappingCell]) -> str:
    """ahasd-plus against the best fixed system, and its gain over ahasd as mapping times control."""
    head = (
        "pair",
        "reading",
        "ahasd-plus runs",
        "tok/s",
        "best fixed",
        "tok/s",
        "ratio",
        "room",
        "J/token",
        "best's",
    )
    rows = []
    for cell in cells:
        best, ahasd = cell.fixed[cell.best], cell.fixed.get("ahasd")
        ratio = cell.plus.tokens_per_second / best.tokens_per_second
        gain = "" if ahasd is None else f"{cell.plus.tokens_per_second / ahasd.tokens_per_second:.2f}"
        rows.append(
            (
                cell.pair,
                cell.hardware,
                cell.runs,
                f"{cell.plus.tokens_per_second:.2f}",
                cell.best,
                f"{best.tokens_per_second:.2f}",
                f"{ratio:.3f}",
                f"{cell.room:.2f}",
                f"{cell.plus.joules_per_token:.3f}",
                f"{best.joules_per_token:.3f}",
                gain,
            )
        )
    left_out = [
        f"- {cell.pair} on {cell.hardware}, without {system}: {reason}"
        for cell in cells
        for system, reason in cell.refused.items()
    ]
    return "\n".join([_table((*head, "gain over ahasd"), rows), *([""] if left_out else []), *left_out])


def factors_table(cells: Sequence[MappingCell]) -> str:
    """The gain over ahasd as control (goodput on AHASD's own mapping over ahasd) times mapping (the rest)."""
    rows = []
    for cell in cells:
        ahasd = cell.fixed.get("ahasd")
        if ahasd is not None:
            control = cell.own.tokens_per_second / ahasd.tokens_per_second
            mapping = cell.plus.tokens_per_second / cell.own.tokens_per_second
            gain = mapping * control
            rows.append((cell.pair, cell.hardware, f"{mapping:.2f}", f"{control:.2f}", f"{gain:.2f}"))
    return _table(("pair", "reading", "mapping", "control", "gain over ahasd"), rows)


def sweep_tables(points: Iterable[SweepPoint]) -> str:
    """A table per parameter: throughput over plain asynchrony with batches of four."""
    by_parameter: dict[str, list[SweepPoint]] = {}
    for point in points:
        by_parameter.setdefault(point.parameter, []).append(point)
    parts = []
    for parameter, of in by_parameter.items():
        names = list(of[0].relative)
        rows = [(point.value, *(f"{point.relative[name]:.3f}" for name in names)) for point in of]
        parts.append(f"### {parameter}\n\n" + _table((parameter, *names), rows))
    return "\n\n".join(parts)


def middle() -> str:
    """The point from which the sweeps depart."""
    return ", ".join(f"{name} {value:g}" for name, value in MIDDLE.items())


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
