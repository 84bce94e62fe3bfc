"""What pydantic found wrong, in the words of a user."""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

#: Kind of pydantic error -> what is asked for; the braces are filled from the error's context.
_RULES = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be at most {le}",
    "finite_number": "must be finite",
    "literal_error": "must be {expected}",
}
_TYPES = {
    "int": "must be a whole number",
    "float": "must be a number",
    "bool": "must be true or false",
    "string": "must be a text",
    "tuple": "must be a list",
    "list": "must be a list",
    "dict": "must be a group of keys and values",
    "model": "must be a group of keys and values",
}


def explain(error: "ValidationError", prefix: str = "", valid: Iterable[str] = ()) -> str:
    """Put the problems of a validation into one line, each with the name of the field.

    Parameters
    ----------
    prefix
        Put before every name, such as ``"system."``.
    valid
        Dotted names that exist, to suggest one for an unknown key.
    """
    names = list(valid)
    problems = (_sentence(problem, prefix, names) for problem in error.errors())
    return "; ".join(dict.fromkeys(problems))


def _sentence(problem: "ErrorDetails", prefix: str, valid: list[str]) -> str:
    kind, place = problem["type"], prefix + _place(problem["loc"])
    if kind == "extra_forbidden":
        close = get_close_matches(place, valid, n=1)
        return f"unknown key '{place}'" + (f" (did you mean '{close[0]}'?)" if close else "")
    if kind == "invalid_key":
        return f"key '{place}' must be a text"
    if kind == "missing":
        return f"'{place}' is missing"
    if kind == "value_error":
        return (f"{place}: " if problem["loc"] else "") + problem["msg"].removeprefix("Value error, ")
    return f"{place} is {problem['input']!r}; {_rule(kind, problem.get('ctx', {}), problem['msg'])}"


def _rule(kind: str, context: Mapping[str, Any], message: str) -> str:
    if kind in _RULES:
        shown = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
        return _RULES[kind].format_map(shown)
    return _TYPES.get(kind.partition("_")[0], message)


def _place(location: tuple[int | str, ...]) -> str:
    """Dotted name of a field, without the marks by which pydantic tells the members of a union apart."""
    names = [str(part) for part in location]
    kept = [name for name in names[1:] if not re.fullmatch(r"str|dict\[.*", name)]
    return ".".join(names[:1] + kept)
