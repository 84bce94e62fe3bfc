"""The extension point for what the explorer asks for and answers, one form for each family."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ahasd.report.pictures.columns import Value
from ahasd.report.pictures.view import Shown


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to choose.

    Attributes
    ----------
    name
        Of the option, as on the command line without its hyphens.
    text
        What it is.
    kind
        ``choice`` of `choices`; a ``number`` between `low` and `high` (None: no end); ``text``, free, for which
        `choices` are suggestions.
    default
        What holds where nothing is chosen; None where the text says what does.
    whole
        Whether a number has no fraction.
    """

    name: str
    text: str
    kind: Literal["choice", "number", "text"]
    default: Value
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    whole: bool = False


class Form(ABC):
    """What can be chosen of a family, and the answer to it.

    Life cycle: made when it is needed, which may take a second of imports; then ``answer`` as often as something is
    changed. Values are those of the fields' names; what is left out or None is not chosen.
    """

    @abstractmethod
    def fields(self) -> Sequence[Field]:
        """What can be chosen, the most important first."""

    def first(self) -> Mapping[str, Value]:
        """What a page that answers at once begins with in the place of defaults, a short run; mostly nothing."""
        return {}

    def constants(self, values: Mapping[str, Value]) -> Sequence[Field]:
        """Constants of the chosen hardware, to be changed under their names (``npu.clock_ghz``); mostly none."""
        return ()

    def models(self) -> Sequence[str]:
        """What can be given as a file: names of parts, such as ``draft`` and ``target``; mostly none."""
        return ()

    def with_model(self, values: Mapping[str, Value], part: str, path: str) -> Mapping[str, Value]:
        """The values with a part of `models` taken from a file.

        Raises
        ------
        ValueError
            There is no such part.
        """
        raise ValueError(f"{part} is none of {self.models()}")

    @abstractmethod
    def answer(self, values: Mapping[str, Value]) -> Shown:
        """Compute what comes of it.

        Raises
        ------
        AhasdError
            A value is wrong, or something does not fit; the message says what.
        """

    @abstractmethod
    def command(self, values: Mapping[str, Value]) -> list[str]:
        """The command that does the same, as the shell's words."""
