"""CPU seconds per row: the closed forms of our systolic arrays against SCALE-Sim on the same shapes, caches cold.

Run with ``python benchmarks/fidelity_speed.py [--scalesim PYTHON]``. SCALE-Sim needs numpy below 2, so it runs in an
environment of its own: the interpreter given by ``--scalesim`` or ``$AHASD_SCALESIM_PYTHON``, or one made with pip
in a temporary folder. Both sides time each row by itself; start-up and imports are left out on both.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "tests" / "reference" / "scalesim_gemm.csv"
VERSION = "3.0.0"
TARGET = 1000
#: Products with more weights than this take SCALE-Sim minutes each; ``--all`` measures them too.
LARGEST = 1_000_000

Row = tuple[int, str, int, int, int]

CONFIGURATION = """[general]
run_name = row
[architecture_presets]
ArrayHeight: {array}
ArrayWidth: {array}
IfmapSramSzkB: 6144
FilterSramSzkB: 6144
OfmapSramSzkB: 2048
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Bandwidth : 10000
Dataflow : {dataflow}
MemoryBanks: 1
ReadRequestBuffer: 32
WriteRequestBuffer: 32
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport : false
SparseRep : ellpack_block
OptimizedMapping : false
BlockSize : 8
RandomNumberGeneratorSeed : 40
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""

#: Runs in SCALE-Sim's environment: argument 1 is the folder of one row; prints cycles and CPU seconds.
RUNNER = """
import csv, json, sys, time
from scalesim.scale_sim import scalesim
folder = sys.argv[1]
began = time.process_time()
simulator = scalesim(save_disk_space=True, verbose=False, config=folder + "/c.cfg", topology=folder + "/t.csv",
                     layout=folder + "/l.csv", input_type_gemm=True)
simulator.run_scale(top_path=folder)
seconds = time.process_time() - began
report = next(csv.DictReader(open(folder + "/row/COMPUTE_REPORT.csv"), skipinitialspace=True))
cycles = int(float(report["Total Cycles"])) - int(float(report["Stall Cycles"]))
print("RESULT" + json.dumps([cycles, seconds]))
"""

#: Runs in our environment, once per row, so that nothing is cached.
OURS = """
import json, sys, time
from ahasd.hardware.npu.systolic import systolic_cycles
array, dataflow, m, n, k = json.loads(sys.argv[1])
began = time.process_time_ns()
cycles = systolic_cycles(dataflow, array, array, m, n, k)
print("RESULT" + json.dumps([cycles, (time.process_time_ns() - began) * 1e-9]))
"""


def rows(largest: float) -> list[Row]:
    """Reference shapes of at most so many weights."""
    with ROWS.open(newline="") as file:
        all_rows = [
            (int(row["array"]), row["dataflow"], int(row["M"]), int(row["N"]), int(row["K"]))
            for row in csv.DictReader(file)
        ]
    return [row for row in all_rows if row[3] * row[4] <= largest]


def result(command: list[str], environment: dict[str, str]) -> tuple[int, float]:
    """Run one row in a new process; return its cycles and seconds."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    if done.returncode or not lines:
        raise SystemExit(f"{command[0]} failed:\n{done.stderr[-2000:]}")
    cycles, seconds = json.loads(lines[0].removeprefix("RESULT"))
    return cycles, seconds


def scalesim_python(given: str | None, folder: Path) -> str:
    """Return the interpreter with SCALE-Sim, made here if none is given."""
    if given:
        return given
    python = folder / "environment" / "bin" / "python"
    print(f"making an environment with scalesim {VERSION} in {folder} ...", flush=True)
    for command in (
        [sys.executable, "-m", "venv", str(folder / "environment")],
        [str(python), "-m", "pip", "install", "--quiet", f"scalesim=={VERSION}", "numpy<2"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(
                f"cannot make an environment with scalesim {VERSION}: {done.stderr.strip()[-500:]}\n"
                "Give one with --scalesim PYTHON or AHASD_SCALESIM_PYTHON."
            )
    return str(python)


def scalesim_row(python: str, row: Row, folder: Path) -> tuple[int, float]:
    """Cycles and CPU seconds of one row in SCALE-Sim."""
    array, dataflow, m, n, k = row
    folder.mkdir()
    (folder / "c.cfg").write_text(CONFIGURATION.format(array=array, dataflow=dataflow))
    (folder / "t.csv").write_text(f"Layer,M,N,K,\nrow,{m},{n},{k},\n")
    (folder / "l.csv").write_text("")
    return result([python, "-c", RUNNER, str(folder)], dict(os.environ))


def main() -> None:
    """Measure and print every row, the sums and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--scalesim", default=os.environ.get("AHASD_SCALESIM_PYTHON"), help="python with scalesim"
    )
    parser.add_argument("--all", action="store_true", help="also the shapes that take SCALE-Sim minutes")
    arguments = parser.parse_args()
    measured = rows(float("inf") if arguments.all else LARGEST)
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    ours_total = theirs_total = 0.0
    ratios = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = scalesim_python(arguments.scalesim, folder)
        columns = f"{'array':>5} {'flow':>4} {'M':>5} {'N':>6} {'K':>5} {'cycles':>8}"
        print(f"{columns} {'ours':>11} {'SCALE-Sim':>10} {'ratio':>12}")
        for index, row in enumerate(measured):
            cycles, ours = result([sys.executable, "-c", OURS, json.dumps(row)], environment)
            expected, theirs = scalesim_row(python, row, folder / f"row{index}")
            if cycles != expected:
                raise SystemExit(f"{row}: we say {cycles} cycles, SCALE-Sim {expected}")
            ratios.append(theirs / ours)
            ours_total, theirs_total = ours_total + ours, theirs_total + theirs
            array, flow, m, n, k = row
            shape = f"{array:5} {flow:>4} {m:5} {n:6} {k:5} {cycles:8}"
            print(f"{shape} {ours * 1e6:8.1f} µs {theirs:8.3f} s {theirs / ours:11,.0f}×", flush=True)
    count = len(measured)
    ratio = theirs_total / ours_total
    ours_mean, theirs_mean = ours_total / count * 1e6, theirs_total / count
    print(f"{count} rows: ours {ours_mean:.1f} µs per row, SCALE-Sim {theirs_mean:.3f} s per row, CPU time")
    print(f"ratio of the sums {ratio:,.0f}×, of the least favourable row {min(ratios):,.0f}×")
    print(f"goal {TARGET:,}× on every row: {'met' if min(ratios) >= TARGET else 'missed'}")


if __name__ == "__main__":
    main()
