"""A prompt from the command line, a file or stdin."""

import sys
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, MEBIBYTE, read_text

#: What stands for stdin in place of a file.
STDIN = Path("-")


def read_prompt(prompt: str | None, file: Path | None) -> str:
    """Give the one prompt that was given, whole: of a file its last newline belongs to it.

    Raises
    ------
    AhasdError
        If there is none or there are two, or it cannot be read.
    """
    if (prompt is None) == (file is None):
        raise AhasdError("give one prompt: --prompt TEXT, or --prompt-file FILE (- reads stdin)")
    if prompt is not None:
        return prompt
    assert file is not None
    if file != STDIN:
        return read_text(file, "prompt file", DATA_BYTES)
    if sys.stdin is None:
        raise AhasdError("stdin is closed; give the prompt by --prompt or in a file")
    content = sys.stdin.buffer.read(DATA_BYTES + 1)
    if len(content) > DATA_BYTES:
        raise AhasdError(f"stdin holds more than {DATA_BYTES // MEBIBYTE} MiB, which is no prompt")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise AhasdError(f"stdin is not text in UTF-8 ({error})") from error
