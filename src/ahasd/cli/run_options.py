"""The options of a run as those of a command, and others that commands with several runs share."""

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from enum import Enum
from functools import wraps
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

import typer

from ahasd.errors import AhasdError
from ahasd.family.run_options import Help, RunOptions

KEYWORD_ONLY = inspect.Parameter.KEYWORD_ONLY

#: Options that a user gave, by the names of the configuration's fields.
Given = dict[str, Any]

Tokens = Annotated[int, typer.Option(min=1, help="Tokens of every run")]
Seeds = Annotated[int, typer.Option(min=1, help="Runs of each, with seeds 0, 1, …")]
Jobs = Annotated[int | None, typer.Option(min=1, show_default="one per processor", help="Processes")]
EnergyRange = Annotated[
    bool,
    typer.Option(
        help="Joules per token also over the ranges of the energy constants (three times the runs)."
    ),
]


def with_run_options(
    *of: type[RunOptions],
    without: Collection[str] = (),
    defaults: Mapping[str, str] | None = None,
    lists: bool = False,
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the options of a run, which it takes together as its parameter ``given``.

    An option that the user left out is not in ``given``, since a ``config.json`` may hold another value than the
    default.

    Parameters
    ----------
    of
        Classes that state options, one for each family; of an option that several state, the first says what it is.
    without
        Options that the command does not take, as it sets or varies them itself.
    defaults
        What the help shows of those that the command sets to another default.
    lists
        Whether every option takes several values, separated by commas; the command gets the text.
    """
    options: dict[str, inspect.Parameter] = {}
    for family in of:
        for name in _names(family):
            if name not in without and name not in options and not _has_one_value(family, name):
                options[name] = _option(family, name, {**_differing(name, of), **(defaults or {})}, lists)

    def give(command: Callable[..., None]) -> Callable[..., None]:
        @wraps(command)
        def called(**values: Any) -> None:
            read = {name: values.pop(name) for name in options}
            command(given={name: value for name, value in read.items() if value not in (None, [])}, **values)

        signature = inspect.signature(command)
        own = [parameter for parameter in signature.parameters.values() if parameter.name != "given"]
        parameters = [parameter.replace(kind=KEYWORD_ONLY) for parameter in (*options.values(), *own)]
        cast(Any, called).__signature__ = signature.replace(parameters=parameters)
        return called

    return give


def _differing(name: str, of: Collection[type[RunOptions]]) -> dict[str, str]:
    """What the help shows of an option whose default differs between families: each, with the systems it is of.

    The first family's stands first and alone where the others do not state the option, or state the same.
    """
    stating = [family for family in of if name in _names(family) and name != "system"]
    found = {family: _default(family, name) for family in stating}
    if len(set(found.values())) < 2:
        return {}
    first, *others = found
    said = [
        f"{found[other]} for systems such as {other.system}"
        for other in others
        if found[other] != found[first]
    ]
    return {name: "; ".join([found[first], *said])}


def _default(options: type[RunOptions], name: str) -> str:
    """What holds without an option, in words."""
    hint = get_type_hints(options, include_extras=True)[name]
    stated = next(item for item in get_args(hint)[1:] if isinstance(item, Help))
    default = getattr(options, name, None)
    return (stated.default or "none") if default in (None, ()) else str(default)


def read_value(options: type[RunOptions], name: str, text: str) -> Any:
    """A value of an option from its text, as typer would read it; whether it is a good one the configuration says.

    Raises
    ------
    AhasdError
        It is no number where one is wanted.
    """
    kind = _typed(get_args(get_type_hints(options, include_extras=True)[name])[0])
    try:
        return kind(text) if kind in (int, float) else text
    except ValueError:
        raise AhasdError(
            f"--{name.replace('_', '-')} '{text}' is no {'whole ' * (kind is int)}number"
        ) from None


def _names(options: type[RunOptions]) -> Iterator[str]:
    """The family's own first, then those of all families."""
    for stating in options.__mro__:
        yield from inspect.get_annotations(stating)


def _has_one_value(options: type[RunOptions], name: str) -> bool:
    """Whether there is nothing to choose."""
    hint = get_args(get_type_hints(options, include_extras=True)[name])[0]
    return get_origin(hint) is Literal and len(get_args(hint)) == 1


def _option(
    options: type[RunOptions], name: str, defaults: Mapping[str, str], lists: bool
) -> inspect.Parameter:
    hint, *metadata = get_args(get_type_hints(options, include_extras=True)[name])
    (stated,) = (item for item in metadata if isinstance(item, Help))
    allowed = _allowed(hint)
    default = defaults.get(name, getattr(options, name, None))
    option = typer.Option(
        None,
        "--" + name.replace("_", "-"),
        metavar=stated.value,
        show_default=stated.default or False if default in (None, ()) else str(default),
        help=f"{stated.text}: {allowed}" if allowed else stated.text,
    )
    kind = _typed(hint)
    annotation = (kind if kind == list[str] else str) | None if lists else kind | None
    return inspect.Parameter(name, KEYWORD_ONLY, default=option, annotation=annotation)


def _without_none(hint: Any) -> Any:
    """The type of an option that may be left out, where it is one type."""
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if get_origin(hint) in (Union, UnionType) and len(kinds) == 1 else hint


def _allowed(hint: Any) -> str:
    """The values of an option that has few, in words; nothing for one that has one or many."""
    hint = _without_none(hint)
    if get_origin(hint) is Literal:
        values = [str(value) for value in get_args(hint)]
    elif isinstance(hint, type) and issubclass(hint, Enum):
        values = [str(value) for value in hint]
    else:
        return ""
    return f"{', '.join(values[:-1])} or {values[-1]}" if len(values) > 1 else ""


def _typed(hint: Any) -> Any:
    """What typer reads an option as; whether the value is a good one the configuration says."""
    hint = _without_none(hint)
    if get_origin(hint) is tuple:
        return list[str]
    kinds = {type(value) for value in get_args(hint)} if get_origin(hint) is Literal else {hint}
    return next((kind for kind in (bool, int, float) if kinds == {kind}), str)
