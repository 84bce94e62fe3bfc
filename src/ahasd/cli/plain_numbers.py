"""Numbers of the command line are plain digits: ``1_000``, which Python reads and other tools do not, is refused."""

import inspect
from collections.abc import Callable, Sequence
from typing import Any, get_args

import typer

from ahasd.errors import AhasdError
from ahasd.text_files import plain_number


def check_numbers(app: typer.Typer, arguments: Sequence[str]) -> None:
    """See that no number among the arguments of a command is parted by underscores.

    Raises
    ------
    AhasdError
        One is.
    """
    command, rest = _command(app, arguments)
    if command is None:
        return
    numeric = {
        "--" + name.strip("_").replace("_", "-")
        for name, parameter in inspect.signature(command).parameters.items()
        if {int, float} & {parameter.annotation, *_members(parameter.annotation)}
    }
    for before, argument in zip(["", *rest], rest, strict=False):
        option, equals, value = argument.partition("=")
        if not equals:
            option, value = before, argument
        if option in numeric:
            try:
                plain_number(value)
            except ValueError as error:
                raise AhasdError(f"{option}: {error}") from error


def _command(app: typer.Typer, arguments: Sequence[str]) -> tuple[Callable[..., Any] | None, Sequence[str]]:
    """The function that a command line calls, and what follows its name."""
    for place, word in enumerate(arguments):
        for command in app.registered_commands:
            if command.name == word:
                return command.callback, arguments[place + 1 :]
        for group in app.registered_groups:
            if group.name == word and group.typer_instance is not None:
                return _command(group.typer_instance, arguments[place + 1 :])
        if not word.startswith("-"):
            break
    return None, ()


def _members(annotation: Any) -> list[Any]:
    """All that an annotation is made of, such as int of ``Annotated[int | None, …]``."""
    return [part for member in get_args(annotation) for part in (member, *_members(member))]
