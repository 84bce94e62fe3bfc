"""CPU seconds of `ahasd report` on a run, and on a comparison as large as `compare --all`; of `ahasd --help`, too.

Run with ``python benchmarks/report_speed.py``; it ends with 1 where one is over its limit.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

AHASD = (sys.executable, "-m", "ahasd")

#: Seconds of CPU time at most, and bytes of a page.
LIMITS = {"report of a run": 2.0, "report of compare --all": 10.0, "--help": 0.3}
MOST_BYTES = 3_000_000

#: What `compare --all` has: targets, and cells of each.
TARGETS, CELLS = 3, 63


def seconds(*arguments: str) -> float:
    """CPU time of a command and of all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*AHASD, *arguments], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def ranking() -> str:
    """A comparison of that size, made up."""
    names = ("tokens_per_second", "joules_per_token", "speedup_over_best_alone", "draft_acceptance_rate")
    targets = []
    for target in range(TARGETS):
        cells = [
            {"system": f"system-{cell}", "hardware": "h", "pair": "a:b", "algorithm": "adaedl", "varied": {}}
            | {name: {"mean": 1.0 + cell, "half_width": 0.1} for name in names}
            for cell in range(CELLS)
        ]
        targets.append({"target": f"target-{target}", "ranking": cells})
    return json.dumps({"sentences": ["Made up."], "targets": targets, "refused": [], "notes": []})


def main() -> None:
    """Measure, print, and compare with the limits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "report.html"
        (folder / "all").mkdir()
        (folder / "all" / "ranking.json").write_text(ranking())
        seconds("run", "--output", str(folder / "run"))
        seconds("--help")  # so that Python's caches are warm
        found = {
            "report of a run": seconds("report", str(folder / "run"), "--output", str(page)),
            "--help": seconds("--help"),
        }
        size = page.stat().st_size
        found["report of compare --all"] = seconds("report", str(folder / "all"), "--output", str(page))
        size = max(size, page.stat().st_size)
    for what, limit in LIMITS.items():
        print(f"{what:24} {found[what]:6.2f} s of CPU time (at most {limit:g})")
    print(f"{'largest page':24} {size / 1e6:6.2f} MB (at most {MOST_BYTES / 1e6:g})")
    if size > MOST_BYTES or any(found[what] > limit for what, limit in LIMITS.items()):
        sys.exit(1)


if __name__ == "__main__":
    main()
