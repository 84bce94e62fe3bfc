"""Prompt files: JSON lines of Spec-Bench and MT-Bench, JSON lines with a `prompt`, or plain text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, parse_json, read_text


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a user asks.

    Parameters
    ----------
    question_id
        As in the file, or the number of the line.
    category
        As in the file ("coding", "summarization"), or "" where there is none.
    turns
        What the user says, turn by turn; at least one, none empty.
    """

    question_id: str
    category: str
    turns: tuple[str, ...]

    @property
    def text(self) -> str:
        """The first turn, which is what is decoded (later ones would need the answers in between)."""
        return self.turns[0]


def read_prompts(path: str | Path) -> list[Prompt]:
    """Read a prompt file.

    A file is JSON lines if its first line that is not blank starts with ``{``, and plain text with one prompt
    per line if not. Of a JSON line the fields ``question_id``, ``category`` and ``turns`` (Spec-Bench,
    MT-Bench) or ``prompt`` are read, others are left alone. Blank lines are skipped.

    Parameters
    ----------
    path
        The file, UTF-8.

    Raises
    ------
    AhasdError
        If the file cannot be read or holds no prompt, or a line is not what its file promises; the message
        names file and line.
    """
    content = read_text(path, "prompt file", DATA_BYTES)
    # Not splitlines(): a JSON string may hold U+2028 and its like unescaped.
    lines = [
        (number, line.strip()) for number, line in enumerate(content.split("\n"), start=1) if line.strip()
    ]
    if not lines:
        raise AhasdError(f"prompt file {path}: holds no prompt")
    if not lines[0][1].startswith("{"):
        return [Prompt(str(number), "", (line,)) for number, line in lines]
    prompts = []
    for number, line in lines:
        try:
            prompts.append(_from_json(line, number))
        except AhasdError as error:
            raise AhasdError(f"prompt file {path}, line {number}: {error}") from error
    return prompts


def _from_json(line: str, number: int) -> Prompt:
    fields = parse_json(line, "it")
    if not isinstance(fields, dict):
        raise AhasdError(f"a JSON {type(fields).__name__}; must be an object with 'turns' or 'prompt'")
    return Prompt(str(fields.get("question_id", number)), str(fields.get("category", "")), _turns(fields))


def _turns(fields: dict[str, Any]) -> tuple[str, ...]:
    if "turns" in fields:
        turns = fields["turns"]
        if not isinstance(turns, list) or not turns:
            raise AhasdError("'turns' must be a list of at least one string")
    elif "prompt" in fields:
        turns = [fields["prompt"]]
    else:
        raise AhasdError(f"neither 'turns' nor 'prompt' among its fields: {', '.join(fields) or 'none'}")
    for turn in turns:
        if not isinstance(turn, str) or not turn.strip():
            raise AhasdError(f"a prompt must be a string that is not empty, not {turn!r:.40}")
    return tuple(turns)
