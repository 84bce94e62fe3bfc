"""Reading the header of the largest GGUF files: CPU seconds and memory of a new process.

Run with ``python benchmarks/gguf_header.py``. The file has a vocabulary of 256,000 tokens and 1,497 tensors of some
370 GB that are a hole, so the disk holds some 20 MB. CPU seconds, since other work of the machine lengthens all
others; the ratios are to the same moment's start without a file, and to going through as many texts in plain Python.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from startup import Use, use
from support import sparse_gguf
from support.figures import Figure, show
from support.sparse_gguf import MERGES, TOKENS

READING_TARGET_S, MEMORY_TARGET_MB = 1.0, 100.0
REPEATS = 5
IMPORT = "from ahasd.workload.zoo import load_model"
#: The least that a reader of these texts does: their lengths and their bytes, out of memory.
TEXTS = f"""
from io import BytesIO
from struct import Struct
length = Struct('<Q').unpack
read = BytesIO((b'\\x0a' + bytes(7) + bytes(10)) * {TOKENS + MERGES}).read
print(sum(len(read(length(read(8))[0])) for _ in range({TOKENS + MERGES})))
"""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.gguf"
        # In a process of its own, since new ones count the memory of the one that they come from.
        subprocess.run([sys.executable, sparse_gguf.__file__, str(path)], check=True)
        size = path.stat().st_size
        commands = {
            "read": f"{IMPORT}\nload_model({str(path)!r})",
            "start": IMPORT,
            "texts": TEXTS,
            "bare": "pass",
        }
        environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1] / "src")}
        uses: dict[str, list[Use]] = {name: [] for name in commands}
        for _ in range(REPEATS):  # in turns, so that a busy moment of the machine meets all of them
            for name, text in commands.items():
                uses[name].append(use([sys.executable, "-c", text], environment))
    seconds = {name: median(one.cpu_seconds for one in found) for name, found in uses.items()}
    memory = {name: max(one.megabytes for one in found) for name, found in uses.items()}
    reading, texts = seconds["read"] - seconds["start"], seconds["texts"] - seconds["bare"]
    show(
        f"Header of a GGUF file of {size / 1e9:.0f} GB, median of {REPEATS} new processes",
        [
            Figure("CPU time of reading, the package imported", reading, "s", READING_TARGET_S),
            Figure("  as a ratio to importing the package", reading / seconds["start"], "x"),
            Figure("  as a ratio to going through as many texts", reading / texts, "x"),
            Figure("peak memory of the process", memory["read"], "MB", MEMORY_TARGET_MB),
            Figure("  beyond that of importing the package", memory["read"] - memory["start"], "MB"),
        ],
    )


if __name__ == "__main__":
    main()
