"""Options that take several names, separated by commas."""

from collections.abc import Collection

from ahasd.errors import AhasdError, UnknownNameError


def split_names(option: str, text: str) -> list[str]:
    """Split names that are separated by commas; one that comes twice counts once.

    Parameters
    ----------
    option
        As it was given, such as ``"--systems"``, for the message.

    Raises
    ------
    AhasdError
        A name is missing.
    """
    return _without_repeats(option, text, text.split(","))


def split_algorithms(option: str, text: str) -> list[str]:
    """Split algorithms, whose parameters are separated by commas too: ``fixed:4,adaedl:gamma=0.2,lambda=0.8``.

    Raises
    ------
    AhasdError
        A name is missing.
    """
    algorithms: list[str] = []
    for item in text.split(","):
        if algorithms and "=" in item and ":" not in item:
            algorithms[-1] += f",{item.strip()}"
        else:
            algorithms.append(item)
    return _without_repeats(option, text, algorithms)


def check_names(kind: str, names: Collection[str], valid: Collection[str]) -> None:
    """See that there are all of these.

    Raises
    ------
    UnknownNameError
        There is none of a name.
    """
    for name in names:
        if name not in valid:
            raise UnknownNameError(kind, name, valid)


def _without_repeats(option: str, text: str, items: Collection[str]) -> list[str]:
    names = [item.strip() for item in items]
    if "" in names:
        raise AhasdError(f"{option} '{text}' lacks a name; write one, or several with a comma between them")
    return list(dict.fromkeys(names))
