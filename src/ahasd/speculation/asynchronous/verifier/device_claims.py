"""Claims on what a verification needs: its device, and the ranks from which that streams."""

from ahasd.speculation.asynchronous.shared import Shared


class DeviceClaims:
    """What keeps a pass that is ready from starting, and for how long.

    Attributes
    ----------
    vector_work
        Whether a draft step whose vector work needs the device holds it (AAU off, ``vector_wait: behind``).
    ranks
        Whether a pre-verification computes in the ranks from which the device would stream.
    """

    __slots__ = ("_ready_since", "_shared", "ranks", "vector_work")

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.vector_work = self.ranks = False
        self._ready_since: int | None = None

    def hold_back(self) -> bool:
        """Whether a pass that is ready has to wait; it does so from now on."""
        if not (self.vector_work or self.ranks):
            return False
        if self._ready_since is None:
            self._ready_since = self._shared.now
        return True

    def end_wait(self) -> None:
        """Count the wait of a ready pass, if there was one."""
        if self._ready_since is not None:
            shared = self._shared
            shared.timeline.waited(shared.machine.target_steps.name, shared.now - self._ready_since)
            self._ready_since = None
