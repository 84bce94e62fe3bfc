"""The extension point for what results look like."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.table import Table

if TYPE_CHECKING:
    from ahasd.family.run import Run
    from ahasd.report.pictures.form import Form

#: Results as they are read from a file.
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a run's time, in seconds from its start.

    Raises
    ------
    ValueError
        It ends before it begins, or begins before the run.
    """

    start_s: float
    end_s: float

    def __post_init__(self) -> None:
        if not 0 <= self.start_s < self.end_s:
            raise ValueError(f"a window from {self.start_s:g} s to {self.end_s:g} s")


@dataclass(frozen=True, slots=True)
class Shown:
    """Results laid out for a page, a notebook or the explorer.

    Attributes
    ----------
    sentence
        The answer.
    title
        What ran where.
    tables
        The most important first.
    notes
        What must be known beside.
    asked
        What was asked for, by name: the configuration.
    main
        The few figures that matter most, as text by name.
    """

    sentence: str
    title: str
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    asked: Mapping[str, Any] = field(default_factory=dict)
    main: Mapping[str, str] = field(default_factory=dict)


class View(ABC):
    """How results of one kind are shown: by which figures, on which page of the documentation, after which form.

    Life cycle: an object without state that stands once in the list of `ahasd.report.pictures.views`. It is asked
    whether it ``reads`` a document (results from a file, of any version and from anyone), and then to ``show`` it.
    Where a run's figures need more than its results hold, ``details`` takes that from the run when it is done; it is
    kept in ``details.json`` beside the results, and given to ``show`` again, or nothing where it is not there.
    ``form`` gives what the explorer asks for; a kind of results that only a command makes has none.

    Attributes
    ----------
    name
        Of the family, or of what was made of many runs.
    page
        Its page in ``docs/``.
    """

    name: ClassVar[str]
    page: ClassVar[str]

    @abstractmethod
    def reads(self, document: Document) -> bool:
        """Whether a document is of this kind; the versions that it can be of are seen to by `show`."""

    @abstractmethod
    def show(self, document: Document, details: Details, window: Window | None = None) -> Shown:
        """Lay a document out that this view reads.

        Parameters
        ----------
        details
            What `details` gave; empty where it was not kept.
        window
            What a timeline shows; a beginning that is long enough to see the work, if not given.

        Raises
        ------
        AhasdError
            It is of another version, or damaged; the message says what is wrong.
        """

    def details(self, run: "Run") -> dict[str, Columns]:
        """What the figures of a run need beside its results, by name of the rows."""
        return {}

    def form(self) -> "Form | None":
        """What the explorer asks for; None where there is nothing to choose."""
        return None
