"""Prompts from a file in any of the forms that people have them in."""

from pathlib import Path
from typing import Any

from ahasd.decoding.prompts.prompt_files import Prompt, prompt_of, read_prompts
from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, parse_json, read_text


def read_prompt_list(path: Path) -> list[Prompt]:
    """Read a JSON list of strings or objects, or what `read_prompts` reads: JSON lines, or plain lines.

    Raises
    ------
    AhasdError
        If the file cannot be read, holds no prompt, or one of them is not a text.
    """
    listed = _json_list(path)
    if listed is None:
        return read_prompts(path)
    if not listed:
        raise AhasdError(f"prompt file {path}: holds no prompt")
    if isinstance(listed[0], dict):
        return [_prompt(entry, number, path) for number, entry in enumerate(listed, start=1)]
    for number, text in enumerate(listed, start=1):
        if not isinstance(text, str) or not text.strip():
            raise AhasdError(
                f"prompt file {path}, entry {number}: must be a string that is not empty, not {text!r:.40}"
            )
    return [Prompt(str(number), "", (text,)) for number, text in enumerate(listed, start=1)]


def _prompt(entry: Any, number: int, path: Path) -> Prompt:
    try:
        return prompt_of(entry, number)
    except AhasdError as error:
        raise AhasdError(f"prompt file {path}, entry {number}: {error}") from error


def _json_list(path: Path) -> list[Any] | None:
    text = read_text(path, "prompt file", DATA_BYTES)
    if not text.lstrip().startswith("["):
        return None  # another of the forms
    try:
        found = parse_json(text, f"prompt file '{path}'")
    except AhasdError:
        return None  # plain lines, the first of which begins with a bracket
    return found if isinstance(found, list) else None
