"""What a file of measurements says."""

from dataclasses import dataclass, replace

from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.measured.measured_device import Acceptance, Processor, Source


@dataclass(frozen=True, slots=True)
class ModelName:
    """Which model a time is of.

    Attributes
    ----------
    name
        As the file calls it; "" if it does not, which a user may then do.
    weight_bytes, parameters
        Where the file says them.
    role
        "target" or "draft": whose name a user is asked for.
    """

    name: str
    weight_bytes: float | None = None
    parameters: float | None = None
    role: str = "target"


@dataclass(frozen=True, slots=True)
class TimeReading:
    """A time, and the line that says it.

    Attributes
    ----------
    line
        0 where the file has none.
    """

    model: ModelName
    width: int
    context: int
    ms: float
    line: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """All that a file says.

    Attributes
    ----------
    source
        What wrote it, when and where.
    times, acceptances
        What was measured.
    device
        Its name; "" if not said.
    backend, processor
        Whose kernels ran and on what, where the file says it.
    bandwidth_gb_s, slowdown
        As in a measured device.
    remarks
        What was passed over or has to be known, in sentences.
    further_sources
        Of a file that was put together from several.
    stand_ins
        Names of models that are none, but say what wider passes cost here.
    """

    source: Source
    times: tuple[TimeReading, ...] = ()
    acceptances: tuple[Acceptance, ...] = ()
    device: str = ""
    backend: Backend | None = None
    processor: Processor | None = None
    bandwidth_gb_s: float | None = None
    slowdown: float | None = None
    remarks: tuple[str, ...] = ()
    further_sources: tuple[Source, ...] = ()
    stand_ins: tuple[str, ...] = ()

    def named(self, target: str, draft: str) -> "Reading":
        """The same with the names that a user gives for models that the file does not name."""

        def name_of(model: ModelName) -> ModelName:
            return model if model.name else replace(model, name=draft if model.role == "draft" else target)

        return replace(
            self,
            times=tuple(replace(time, model=name_of(time.model)) for time in self.times),
            acceptances=tuple(
                found.model_copy(update={"target": found.target or target, "draft": found.draft or draft})
                for found in self.acceptances
            ),
        )
