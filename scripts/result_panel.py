"""A panel of results to hold a change of structure against: no number may move.

Usage: ``python3 scripts/result_panel.py record DIR`` on the tree before, the same with another folder on the tree
after, then ``python3 scripts/result_panel.py compare BEFORE AFTER``. The panel is 60 runs that take every system to
every reading of AHASD's platform and every algorithm to every system, and what the examples print.
"""

import contextlib
import io
import json
import re
import runpy
import sys
from argparse import ArgumentParser
from collections import Counter
from itertools import count
from pathlib import Path
from typing import Any

from ahasd.cli.app import app
from ahasd.speculation.options.system import KINDS

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"

READINGS = ("module-mac", "module-op", "rank-compute", "rank-both")
ALGORITHMS = (
    "fixed:4",
    "svip",
    "adaedl:calibrated",
    "specdecpp:calibrated",
    "banditspec-ucb",
    "banditspec-exp3",
)
TRACES = ("tiny-distilled-sampled", "tiny-plain-greedy", "synthetic:acceptance=0.8,auc=0.6")

#: Systems on AHASD's platform, which the readings are of; ``npu-pim-split`` fits no smaller pair.
ON_READINGS = (
    "ahasd",
    "ahasd-ideal",
    "ahasd-plus",
    "clairvoyant",
    "npu",
    "npu-autoregressive",
    "npu-pim-async",
    "npu-pim-async+aau",
    "npu-pim-async+aau+edc",
    "npu-pim-split",
    "npu-pim-sync",
    "pearl",
    "pim-autoregressive",
    "pim-only",
)
#: Systems that have hardware of their own.
ON_THEIR_OWN = ("amusd", "gpu", "gpu-autoregressive", "specpim")


def cells() -> list[list[str]]:
    """Arguments of ``ahasd run`` for the 60 cells."""
    number = count()
    found = []
    for index, system in enumerate([*ON_READINGS, *ON_THEIR_OWN]):
        for reading in READINGS if system in ON_READINGS else (None, None):
            at = next(number)
            cell = ["--system", system, "--algorithm", ALGORITHMS[(at + index) % len(ALGORITHMS)]]
            cell += ["--trace", TRACES[at % len(TRACES)], "--seed", str(at % 5), "--tokens", "160"]
            found.append(cell if reading is None else [*cell, "--hardware", reading])
    return found[:60]


def record(folder: Path) -> None:
    """Write ``results.json``, ``metrics.txt``, ``config.json``, the breakdown and the timeline of every cell."""
    for number, cell in enumerate(cells()):
        place = folder / f"{number:02d}-{cell[1]}"
        arguments = ["run", *cell, "--output", str(place), "--timeline", str(place / "timeline.json")]
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            app([*arguments, "--breakdown", "--energy-range"], standalone_mode=False)
        print(f"{number + 1}/60 {' '.join(cell)}", file=sys.stderr)
    for example in sorted(EXAMPLES.glob("*.py")):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_path(str(example), run_name="__main__")
        (folder / f"{example.stem}.txt").write_text(printed.getvalue(), encoding="utf-8")


#: Fields of schema 1 that stand in the section ``speculation`` since schema 2.
IN_SECTION = [
    "tokens_cut",
    "drafted",
    "accepted",
    "rejected",
    "flushed",
    "in_flight",
    "draft_acceptance_rate",
    "draft_efficiency",
    "wasted",
    "verifications",
    "mean_acceptance_length",
    "mean_draft_length",
    "accepted_histogram",
    "joules_wasted",
    "break_even_acceptance",
    "always_pays",
    "queues",
    "controller",
    "trace_wraps",
    "algorithm",
    "algorithm_provenance",
]

#: Other names of schema 1 (expressions) and what they are called now.
RENAMED = {
    rf"^\.({'|'.join(IN_SECTION)})(?=\.|$)": r".speculation.\1",
    r"^\.energy_report\.joules_per_wasted_token$": ".speculation.joules_per_wasted_token",
}

#: Constants (expressions) that stand elsewhere in hardware documents, in either schema: those of the attention
#: algorithm unit have a section of their own.
MOVED = {
    r"\.hardware\.pim\.aau_lanes\.": ".hardware.aau.lanes.",
    r"\.hardware\.pim\.aau_latency_cycles\.": ".hardware.aau.latency_cycles.",
}

#: Names (expressions) that schema 1 did not have.
NEW = (
    r"^\.(family|work|verdict|baseline\.name)(\.|$)",
    r"^(\.reproduce)?\.system\.family$",
)


def compare(before: Path, after: Path) -> list[str]:
    """Differences between two panels, one a line; what was called otherwise is no difference."""
    found = []
    names = {
        path.relative_to(folder) for folder in (before, after) for path in folder.rglob("*") if path.is_file()
    }
    for name in sorted(names):
        one, other = before / name, after / name
        if not one.exists() or not other.exists():
            found.append(f"{name}: only in one of them")
        elif one.read_bytes() != other.read_bytes():
            found += _differences(name, one.read_text(encoding="utf-8"), other.read_text(encoding="utf-8"))
    return found


def _differences(name: Path, one: str, other: str) -> list[str]:
    if name.name in ("metrics.txt", "breakdown.txt"):
        # Layouts may change; schema 2 orders groups otherwise, and says nothing of waste where nothing is drafted.
        figures = [Counter(re.findall(r"[-\d.]+", text)) for text in (one, other)]
        same = set(figures[0] - figures[1]) <= {"0.000"} and not figures[1] - figures[0]
        return [] if same else [f"{name}: other figures"]
    if name.suffix != ".json":
        return [f"{name}: differs"]
    old, new = json.loads(one), json.loads(other)
    before, after = _leaves(old), _leaves(new)
    if old.get("schema_version", 1) != new.get("schema_version", 1) or name.name == "config.json":
        before = _as_schema_2(before, after)
        added = [key for key in after if key not in before and any(re.search(new, key) for new in NEW)]
        after = {key: value for key, value in after.items() if key not in added}
    before = {_renamed(key, MOVED): value for key, value in before.items()}
    return [
        f"{name}: {key}: {before.get(key, 'absent')} -> {after.get(key, 'absent')}"
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key) or (key in before) != (key in after)
    ]


def _as_schema_2(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Leaves of schema 1 under their present names, without options that the system's kind does not have."""
    found = {}
    for key, value in old.items():
        if key == ".schema_version":
            found[key] = 2
            continue
        if option := re.match(r"^(\.options|\.reproduce\.system|\.system)\.(\w+)", key):
            kind = KINDS[old[f"{option[1]}.schedule"]]
            if option[2] not in kind.model_fields:
                continue
        if other := re.match(r"^\.alternatives\.(\d+)\.(\w+)$", key):
            # The baseline is the first of the alternatives now.
            place = f".verdict.alternatives.{int(other[1]) + 1}"
            expected = f"{value}-autoregressive" if other[2] == "device" else value
            field = "name" if other[2] == "device" else other[2]
            assert new[f"{place}.{field}"] == expected, (key, value)
            continue
        if ".schema_version" in old:
            key = _renamed(key, RENAMED)
        found[key] = value
    return found


def _renamed(key: str, names: dict[str, str]) -> str:
    """A dotted name as it is called now."""
    for pattern, name in names.items():
        key = re.sub(pattern, name, key)
    return key


def _leaves(document: Any, prefix: str = "") -> dict[str, Any]:
    """Dotted name of every value."""
    if isinstance(document, list):
        document = {str(index): value for index, value in enumerate(document)}
    if not isinstance(document, dict):
        return {prefix: document}
    leaves = (_leaves(value, f"{prefix}.{name}") for name, value in document.items())
    return {key: leaf for found in leaves for key, leaf in found.items()}


def main() -> None:
    """Record a panel, or compare two."""
    parser = ArgumentParser(description="Record a panel of results, or compare two.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("record").add_argument("folder", type=Path)
    comparing = commands.add_parser("compare")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = parser.parse_args()
    if options.command == "record":
        record(options.folder)
        return
    differences = compare(options.before, options.after)
    print("\n".join(differences) or "every number is the same")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
