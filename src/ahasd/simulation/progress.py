"""A task whose speed changes while it runs: what is left of it, and when it ends as things are."""

from ahasd.simulation.engine import Action, Engine

#: A time that never comes, for a task that stands still: 10^18 seconds, beyond any run of hardware whose constants
#: lie in their ranges.
NEVER = 1 << 100


class Progress:
    """Work on its way to its end.

    Life cycle: built when the task starts, standing still; :meth:`go` sets or changes the speed; the action is
    called once, at the picosecond at which nothing is left, unless :meth:`cancel` came first.

    Parameters
    ----------
    engine
        The clock.
    work
        Picoseconds that the task takes at full speed.
    done
        Called at its end.
    priority
        Of the end, among events of the same picosecond.

    Attributes
    ----------
    end
        Picosecond of the end at the present speed; :data:`NEVER` while it stands still.
    """

    __slots__ = ("_checked_at", "_done", "_engine", "_left", "_priority", "_since", "_speed", "_work", "end")

    def __init__(self, engine: Engine, work: int, done: Action, priority: int = 0) -> None:
        self._engine, self._work, self._done, self._priority = engine, work, done, priority
        self._left: float = work
        self._since = engine.now
        self._speed = 0.0
        self._checked_at = NEVER
        self.end = NEVER

    @property
    def left(self) -> float:
        """Picoseconds of work that are left now."""
        return max(0.0, self._left - (self._engine.now - self._since) * self._speed)

    @property
    def share_done(self) -> float:
        """Share of the work that is done now."""
        return 1.0 - self.left / self._work if self._work else 1.0

    def go(self, speed: float) -> None:
        """Go on at a speed from now: 1 is undisturbed, 0 stands still."""
        now = self._engine.now
        if speed == self._speed or self.end == now:
            return  # the same speed, or its end has come and only waits for its turn in this picosecond
        left = self._left - (now - self._since) * self._speed
        self._left = left = left if left > 0.0 else 0.0
        self._since, self._speed = now, speed
        self.end = now + round(left / speed) if speed > 0 else NEVER
        if self.end < self._checked_at:
            self._check_at(self.end)

    def cancel(self) -> None:
        """Stop for good; the action is not called."""
        self.go(0.0)
        self._checked_at = -1

    def _check_at(self, time: int) -> None:
        """Look at a time whether the end has come; earlier appointments than the present one are void."""
        self._checked_at = time
        self._engine.at(time, self._check, self._priority)

    def _check(self) -> None:
        time = self._engine.now
        if time != self._checked_at:
            return  # void: the end moved forward after this was arranged, or the task was cancelled
        if self.end > time:
            self._checked_at = NEVER
            if self.end < NEVER:
                self._check_at(self.end)
            return
        self._checked_at = -1
        self._left, self._speed = 0.0, 0.0
        self._done()
