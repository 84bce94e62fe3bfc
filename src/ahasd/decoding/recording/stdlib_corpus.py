"""The text the tiny pair was trained on: the sources of the Python standard library, without its tests.

Every machine that runs ahasd has this corpus, so the pair can be trained, checked and recorded from anywhere
without a download. Files are split by a hash of their path: a file that was held out stays held out under
another version of Python, though its text may differ.
"""

import hashlib
import os
import sysconfig
from pathlib import Path

from ahasd.errors import AhasdError

#: Tests, what is not the library, and tables that programs wrote (ours: a fifth of the bytes, nothing to learn).
SKIPPED_FOLDERS = frozenset(
    {"test", "tests", "idle_test", "site-packages", "dist-packages", "__pycache__", "encodings", "pydoc_data"}
)

#: Share of the files kept for validation (ours: about 0.3 MB of 9.5 MB).
HELD_OUT_SHARE = 0.05


def is_held_out(relative_path: str) -> bool:
    """Say whether a file belongs to the validation set.

    Parameters
    ----------
    relative_path
        Path below the standard library's folder, with forward slashes ("json/decoder.py").
    """
    digest = hashlib.sha256(relative_path.encode()).digest()
    return int.from_bytes(digest[:8], "big") < HELD_OUT_SHARE * 2**64


def source_files(*, held_out: bool, root: Path | None = None) -> list[Path]:
    """List the corpus files of one side of the split, in a fixed order.

    Parameters
    ----------
    held_out
        True for the validation files, False for the training files.
    root
        The folder of the library; by default the one of the running Python.

    Raises
    ------
    AhasdError
        If the folder has no such sources (a Python that ships its library compiled or zipped).
    """
    root = Path(sysconfig.get_path("stdlib")) if root is None else root
    names = []
    for folder, subfolders, files in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in SKIPPED_FOLDERS]
        names += [Path(folder, file).relative_to(root).as_posix() for file in files if file.endswith(".py")]
    kept = sorted(name for name in names if is_held_out(name) == held_out)
    if not kept:
        raise AhasdError(
            f"no standard-library sources found in '{root}': use a Python that has them as .py files"
        )
    return [root / name for name in kept]


def read_sources(files: list[Path]) -> list[str]:
    """Read source files as text; bytes that are not UTF-8 (a few codec tables) are replaced."""
    return [path.read_text(encoding="utf-8", errors="replace") for path in files]
