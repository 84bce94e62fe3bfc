"""A kind of file that holds measurements."""

from abc import ABC, abstractmethod

from ahasd.hardware.measured.importing.log_text import LogText
from ahasd.hardware.measured.importing.reading import Reading


class Format(ABC):
    """What a program writes. First `recognises` is asked of every format, then one reads.

    Attributes
    ----------
    name
        The program and the form, as a user would say it.
    """

    name: str

    @abstractmethod
    def recognises(self, log: LogText) -> bool:
        """Whether a text is of this kind, by what stands in it; never fails."""

    @abstractmethod
    def read(self, log: LogText) -> Reading:
        """Read it.

        Raises
        ------
        AhasdError
            It is torn, or lacks what a time needs; names file and line.
        """
