"""What the caller is told when a side cannot go on."""

from typing import Literal

from ahasd.errors import AhasdError

Side = Literal["draft", "target"]


class WorkerError(AhasdError):
    """The process of one side has died or failed; the request it worked on is lost.

    Attributes
    ----------
    side
        Whose process it was.
    """

    def __init__(self, side: Side, what: str) -> None:
        super().__init__(f"asynchronous decoding: the {side}'s process {what}")
        self.side: Side = side
        self._what = what

    def __reduce__(self) -> tuple[type["WorkerError"], tuple[Side, str]]:
        # Pickled (on its way out of a process pool) with what it was made from.
        return WorkerError, (self.side, self._what)
