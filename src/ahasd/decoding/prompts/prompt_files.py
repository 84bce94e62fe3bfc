"""Prompt files: JSON lines of Spec-Bench, MT-Bench, HumanEval and RefactorChat, or plain text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ahasd.errors import AhasdError
from ahasd.text_files import DATA_BYTES, parse_json, read_text

#: Fields that name a prompt: Spec-Bench and MT-Bench, HumanEval.
IDENTIFIERS = ("question_id", "task_id")

#: Fields that hold a conversation: strings of a user, or messages of both sides.
CONVERSATIONS = ("turns", "messages", "conversation", "conversations")

#: Fields of a message: who and what; those of OpenAI's chats, and of ShareGPT.
MESSAGES = (("role", "content"), ("from", "value"))

#: What a user is called there.
USERS = ("user", "human")


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
        """The first turn; later ones need the answers in between."""
        return self.turns[0]


def read_prompts(path: str | Path) -> list[Prompt]:
    """Read a prompt file.

    A file is JSON lines if its first line that is not blank starts with ``{``, and plain text with one prompt
    per line if not. Of a JSON line the fields ``question_id``, ``category`` and ``turns`` (Spec-Bench,
    MT-Bench) or ``task_id`` and ``prompt`` (HumanEval) are read, others are left alone. A conversation may also be
    a list of messages with ``role`` and ``content`` (RefactorChat); the user's are taken, as the model gives the
    answers itself. Blank lines are skipped.

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
            prompts.append(prompt_of(parse_json(line, "it"), number))
        except AhasdError as error:
            raise AhasdError(f"prompt file {path}, line {number}: {error}") from error
    return prompts


def prompt_of(fields: Any, number: int) -> Prompt:
    """Read a prompt from what a JSON line holds; errors name the field.

    Raises
    ------
    AhasdError
        If it holds none.
    """
    if not isinstance(fields, dict):
        raise AhasdError(f"a JSON {type(fields).__name__}; must be an object with 'turns' or 'prompt'")
    identifier = next((fields[name] for name in IDENTIFIERS if name in fields), number)
    return Prompt(str(identifier), str(fields.get("category", "")), _turns(fields))


def _turns(fields: dict[str, Any]) -> tuple[str, ...]:
    name = next((name for name in (*CONVERSATIONS, "prompt") if name in fields), None)
    if name is None:
        raise AhasdError(f"neither 'turns' nor 'prompt' among its fields: {', '.join(fields) or 'none'}")
    if name == "prompt":
        return (_text(fields[name], "field 'prompt'"),)
    turns = fields[name]
    if not isinstance(turns, list) or not turns:
        raise AhasdError(f"'{name}' must be a list of at least one string, or of messages")
    if not any(isinstance(turn, dict) for turn in turns):
        return tuple(_text(turn, f"field '{name}', entry {place}") for place, turn in enumerate(turns, 1))
    said = [_said(turn, f"field '{name}', entry {place}") for place, turn in enumerate(turns, 1)]
    found = tuple(text for text in said if text is not None)
    if not found:
        raise AhasdError(f"field '{name}': no message of a user ('role': 'user')")
    return found


def _said(message: Any, where: str) -> str | None:
    """Give what a message says if a user says it; None if another does, as the model answers itself."""
    if isinstance(message, dict):
        for role, content in MESSAGES:
            if role in message and content in message:
                text = _text(message[content], f"{where}, '{content}'")
                return text if message[role] in USERS else None
    raise AhasdError(f"{where}: must be a message with 'role' and 'content', not {message!r:.40}")


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise AhasdError(f"{where}: must be a string that is not empty, not {value!r:.40}")
    return value
