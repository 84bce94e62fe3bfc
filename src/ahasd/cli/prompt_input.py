"""A prompt from the command line, a file or stdin."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, MEBIBYTE, read_text

#: What stands for stdin in place of a file.
STDIN = Path("-")


def read_prompts_given(given: Sequence[str], file: Path | None, several: bool) -> list[str]:
    """Give the prompts that were given: of the command line, or of a file.

    Parameters
    ----------
    given
        By ``--prompt``, each a prompt.
    file
        By ``--prompt-file``.
    several
        Whether the file holds several prompts (`ahasd.decoding.prompts.prompt_files`), or is one.

    Raises
    ------
    AhasdError
        If there is none, or they come from both, or cannot be read.
    """
    if len(given) > 1 and file is None:
        return list(given)
    if file is not None and not given and several and file != STDIN:
        from ahasd.benchmarking.prompts import read_prompt_list

        return [prompt.text for prompt in read_prompt_list(file)]
    return [read_prompt(given[0] if given else None, file)]


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
