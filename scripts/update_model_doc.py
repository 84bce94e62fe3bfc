"""Write into docs/model.md what each modelled conflict costs AHASD on the paper's three pairs.

Usage: ``python scripts/update_model_doc.py`` (some minutes). A test checks one column of what this writes.
"""

import re
from pathlib import Path
from statistics import fmean

from ahasd.report.table import Table, left, right
from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.run import SpeculationRun
from ahasd.systems.suites import PAIRS

DOCUMENT = Path(__file__).parent.parent / "docs" / "model.md"
ALGORITHM = "adaedl:calibrated"
SEEDS = range(5)
TOKENS = 1024
#: What stands over a table, the hardware, and what is changed: the default, a PIM so fast that the buses fill and
#: pre-verification has a chance, both models on the same ranks, and vector work on the NPU.
SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "The default": ("module-mac", ()),
    "The fastest reading of the PIM": ("rank-both", ()),
    "Both models on the same ranks": ("module-mac", ("system.placement=interleaved",)),
    "Without the AAU": ("module-mac", ("system.aau=false",)),
}
#: In the order in which the page explains them.
SWITCHES = tuple(
    f"ideal_{name}"
    for name in (
        "rank_sharing",
        "bus_sharing",
        "command_bus",
        "refresh",
        "mode_switch",
        "gating",
        "vector_wait",
        "control_latency",
        "kv_entries",
        "power",
    )
)


def throughput(pair: str, hardware: str, *changes: str) -> float:
    """Tokens per second of `ahasd`, mean over the seeds."""
    configuration = RunConfiguration.checked(
        pair=pair, algorithm=ALGORITHM, hardware=hardware, tokens=TOKENS, set=changes
    )
    first = SpeculationRun(resolve(configuration))
    return fmean(TOKENS / (first.with_seed(seed).outcome.end * 1e-12) for seed in SEEDS)


def gains(pair: str, setting: str) -> list[str]:
    """A column of the table: throughput, then what each switch adds, alone and all together."""
    hardware, changes = SETTINGS[setting]
    base = throughput(pair, hardware, *changes)
    each = [f"system.{switch}=true" for switch in SWITCHES]
    ideal = [throughput(pair, hardware, *changes, switch) for switch in each]
    ideal.append(throughput(pair, hardware, *changes, *each))
    return [f"{base:.2f} tokens/s", *(_gain(rate, base) for rate in ideal)]


def cost_tables(pairs: tuple[str, ...] = PAIRS) -> str:
    """Markdown: for each setting a row for each switch and a column for each pair."""
    labels = ["`ahasd`", *(f"`{switch}`" for switch in SWITCHES), "all of them"]
    parts = []
    for title, (hardware, changes) in SETTINGS.items():
        columns = [gains(pair, title) for pair in pairs]
        given = " ".join(["--hardware " + hardware, *(f"--set {change}" for change in changes)])
        table = Table((*left(""), *right(*pairs)), list(zip(labels, *columns, strict=True)))
        parts.append(f"{title} (`{given}`):\n\n{table.markdown()}")
    return "\n".join(parts)


def with_table(document: str, table: str) -> str:
    """Replace what stands between the markers."""
    return re.sub(
        r"(<!-- costs -->\n).*?(<!-- /costs -->)", lambda m: f"{m[1]}{table}{m[2]}", document, flags=re.DOTALL
    )


def _gain(ideal: float, base: float) -> str:
    change = 100 * (ideal / base - 1)
    return "0" if abs(change) < 0.05 else f"{change:+.1f} %"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8"), cost_tables()), encoding="utf-8")
