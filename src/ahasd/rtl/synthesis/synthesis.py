"""Synthesis by yosys and abc: to generic gates, and to the cells of a 180 nm library."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, read_text

INSTALL = "apt-get install yosys qflow-tech-osu018"

#: Oklahoma State University's cells for TSMC 180 nm, 1.8 V, typical; areas are µm², as in its LEF.
LIBERTY = Path("/usr/share/qflow/tech/osu018/osu018_stdcells.lib")

COARSE = """\
read_verilog {files}
hierarchy -check -top {top}
proc -norom
setattr -unset init w:*
delete t:$meminit*
{keep}
flatten
opt -full
tee -q -o memories.json stat -json
wreduce
peepopt
opt_clean
alumacc
share
opt -full
memory -nomap
opt_clean
design -save coarse
memory_map
"""
GATES = """\
opt -full
techmap
opt -full
dfflegalize -cell $_DFF_P_ x
tee -q -o {result}.json stat -json
dfflibmap -liberty cells.lib
abc -liberty cells.lib -script +strash;scorr;dc2;dch,-f;map,-B,0.9;topo;buffer,-c;upsize,{D};dnsize,{D};stime,-p
opt_clean
tee -q -o {result}.txt stat -liberty cells.lib
tee -q -o {result}_cells.json stat -json
"""

#: The memories stay as they are and have no area.
WITHOUT_MEMORIES = "design -load coarse\n" + GATES

#: What a script may be told: names of modules, and where it works.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PATH = re.compile(r"[A-Za-z0-9_./+-]+")

_MEMORY = re.compile(r"^ *reg \[[^]]+\] \w+ ?\[", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SynthesizedModule:
    """What became of a module, without the modules that are listed beside it.

    Attributes
    ----------
    name
        Of the module.
    generic_cells
        Gates of yosys' own library, flip-flops included.
    flip_flops
        After mapping; those of memories are among them.
    memory_bits
        Bits of its memories.
    cells
        Of the library, flip-flops included.
    area_um2
        Cell area in the library's process, memories built of flip-flops.
    area_without_memories_um2
        The same with the memories left out, for those who have a macro.
    longest_path_ps
        Through the gates between registers, by abc's timing with the library's tables and no wires; the flip-flop's
        own delay and set-up are not in it.
    """

    name: str
    generic_cells: int
    flip_flops: int
    memory_bits: int
    cells: int
    area_um2: float
    area_without_memories_um2: float
    longest_path_ps: float


def find_yosys() -> str:
    """Path of yosys.

    Raises
    ------
    AhasdError
        It is not installed.
    """
    found = shutil.which("yosys")
    if found is None:
        raise AhasdError(f"yosys is not installed; {INSTALL}")
    return found


def read_liberty(path: Path | None = None) -> str:
    """Text of the cell library.

    Raises
    ------
    AhasdError
        It is not there, or is no text.
    """
    if path is None and not LIBERTY.is_file():
        raise AhasdError(f"the cell library {LIBERTY} is not there; {INSTALL}")
    return read_text(LIBERTY if path is None else path, "cell library", DATA_BYTES)


def synthesize(
    modules: Mapping[str, str], top: str, parts: Iterable[str], liberty: Path | None = None
) -> list[SynthesizedModule]:
    """Synthesise a top module and report it and its parts one by one.

    Parameters
    ----------
    modules
        {module name: Verilog}, all that the top module needs.
    top
        Name of the top module.
    parts
        Modules in it that are reported on their own; everything else is flattened into what holds it.
    liberty
        The cell library; osu018 if not given.

    Raises
    ------
    AhasdError
        yosys or the library is missing, or yosys failed.
    """
    yosys, cells = find_yosys(), read_liberty(liberty)
    for name in (*modules, top, *parts):
        if not _NAME.fullmatch(name):
            raise AhasdError(f"'{name}' is no name of a module; letters, digits and underscores are")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if not _PATH.fullmatch(folder):
            raise AhasdError(
                f"yosys cannot work in the temporary folder '{folder}': set TMPDIR to one without spaces and signs"
            )
        # Under names of ours, so that no text of a user's stands in a script.
        (place / "cells.lib").write_text(cells, encoding="utf-8")
        files = [f"module_{number}.v" for number in range(len(modules))]
        for file, text in zip(files, modules.values(), strict=True):
            (place / file).write_text(text, encoding="utf-8")
        steps = COARSE + GATES.replace("{result}", "mapped")
        if any(_MEMORY.search(text) for text in modules.values()):
            steps += WITHOUT_MEMORIES.replace("{result}", "bare")
        keep = "\n".join(f"setattr -mod -set keep_hierarchy 1 {part}" for part in parts)
        script = steps.replace("{files}", " ".join(files)).replace("{top}", top).replace("{keep}", keep)
        log = _run(yosys, script, place)
        generic = _counts(place / "mapped.json", "num_cells")
        memory_bits = _counts(place / "memories.json", "num_memory_bits")
        areas = _areas(place / "mapped.txt")
        bare = _areas(place / "bare.txt") if "bare" in steps else areas
        mapped = _cells(place / "mapped_cells.json")
    flip_flops = _flip_flops(cells)
    delays = _delays(log)
    return [
        SynthesizedModule(
            name,
            generic[name],
            sum(count for cell, count in mapped[name].items() if cell in flip_flops),
            memory_bits[name],
            sum(mapped[name].values()),
            area,
            bare[name] if memory_bits[name] else area,
            delays.get(name, 0.0),
        )
        for name, area in areas.items()
    ]


def _run(yosys: str, script: str, place: Path) -> str:
    (place / "synthesis.ys").write_text(script, encoding="utf-8")
    command = [yosys, "-q", "-l", "log.txt", "-s", "synthesis.ys"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, cwd=place)
    if done.returncode != 0:
        raise AhasdError(f"yosys failed: {done.stderr.strip() or done.stdout.strip()}")
    return (place / "log.txt").read_text(encoding="utf-8", errors="replace")


def _counts(path: Path, field: str) -> dict[str, int]:
    statistics = json.loads(path.read_text(encoding="utf-8"))["modules"]
    return {name.removeprefix("\\"): int(values[field]) for name, values in statistics.items()}


def _cells(path: Path) -> dict[str, dict[str, int]]:
    """Count the library's cells by module."""
    modules = json.loads(path.read_text(encoding="utf-8"))["modules"]
    return {
        name.removeprefix("\\"): {
            cell.removeprefix("\\"): count
            for cell, count in values["num_cells_by_type"].items()
            if cell not in modules and f"\\{cell}" not in modules
        }
        for name, values in modules.items()
    }


def _flip_flops(liberty: str) -> set[str]:
    """Cells of the library that are flip-flops."""
    _, *cells = re.split(r"^\s*cell\s*\(", liberty, flags=re.MULTILINE)
    return {
        cell.partition(")")[0].strip(' "')
        for cell in cells
        if re.search(r"^\s*ff\s*\(", cell, flags=re.MULTILINE)
    }


def _areas(path: Path) -> dict[str, float]:
    """Area by module."""
    text = path.read_text(encoding="utf-8")
    return {name: float(area) for name, area in re.findall(r"Chip area for module '\\(\S+)': ([\d.]+)", text)}


def _delays(log: str) -> dict[str, float]:
    """Longest path by module, ps, of the first time that abc maps it."""
    found: dict[str, float] = {}
    sections = re.split(r"Extracting gate netlist of module `\\(\S+)' to", log)
    for name, section in zip(sections[1::2], sections[2::2], strict=True):
        delay = re.search(r"ABC: WireLoad.*Delay =\s*([\d.]+) ps", section)
        if delay is not None:
            found.setdefault(name, float(delay[1]))
    return found
