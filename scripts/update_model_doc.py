"""Write into docs/model.md what each modelled conflict costs AHASD on the paper's three pairs.

Usage: ``python scripts/update_model_doc.py`` (about a minute). A test checks one pair of what this writes.
"""

import re
from pathlib import Path
from statistics import fmean

from ahasd.systems.configuration import RunConfiguration, resolve
from ahasd.systems.preset import SystemPreset
from ahasd.systems.simulate import Run

DOCUMENT = Path(__file__).parent.parent / "docs" / "model.md"
PAIRS = ("opt-1.3b:opt-6.7b", "llama2-7b:llama2-13b", "palm-like-8b:palm-like-30b")
ALGORITHM = "adaedl:calibrated"
SEEDS = range(5)
TOKENS = 1024
#: Systems by what stands over their columns: the defaults, and a machine on which pre-verification has a chance.
SETTINGS = {
    "default": (),
    "race on ranks shared by both": ("system.placement=interleaved", "system.preverification=race"),
}
SWITCHES = tuple(name for name in SystemPreset.model_fields if name.startswith("ideal_"))


def throughput(pair: str, *changes: str, system: str = "ahasd") -> float:
    """Tokens per second of a system, mean over the seeds."""
    configuration = RunConfiguration(
        pair=pair, algorithm=ALGORITHM, system=system, tokens=TOKENS, set=changes
    )
    first = Run(resolve(configuration))
    return fmean(TOKENS / (first.with_seed(seed).outcome.end * 1e-12) for seed in SEEDS)


def gains(pair: str, setting: tuple[str, ...]) -> list[str]:
    """A column of the table: throughput, then what each switch adds, alone and all together."""
    base = throughput(pair, *setting)
    cells = [f"{base:.2f} tokens/s"]
    cells += [_gain(throughput(pair, *setting, f"system.{switch}=true"), base) for switch in SWITCHES]
    every = [f"system.{switch}=true" for switch in SWITCHES]
    return [*cells, _gain(throughput(pair, *setting, *every), base)]


def cost_table(pairs: tuple[str, ...] = PAIRS) -> str:
    """Markdown: a row for each switch, a column for each pair, for both settings."""
    labels = ["`ahasd`", *(f"`{switch}`" for switch in SWITCHES), "all of them"]
    parts = []
    for title, setting in SETTINGS.items():
        columns = [gains(pair, setting) for pair in pairs]
        given = " ".join(f"--set {change}" for change in setting)
        lines = [
            f"{title[0].upper()}{title[1:]}{f' (`{given}`)' if given else ''}:",
            "",
            "| | " + " | ".join(pairs) + " |",
            "| --- |" + " --- |" * len(pairs),
        ]
        rows = zip(labels, *columns, strict=True)
        parts.append("\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]))
    return "\n\n".join(parts) + "\n"


def with_table(document: str, table: str) -> str:
    """Replace what stands between the markers."""
    return re.sub(
        r"(<!-- costs -->\n).*?(<!-- /costs -->)", lambda m: f"{m[1]}{table}{m[2]}", document, flags=re.DOTALL
    )


def _gain(ideal: float, base: float) -> str:
    change = 100 * (ideal / base - 1)
    return "0" if abs(change) < 0.05 else f"{change:+.1f} %"


if __name__ == "__main__":
    DOCUMENT.write_text(with_table(DOCUMENT.read_text(encoding="utf-8"), cost_table()), encoding="utf-8")
