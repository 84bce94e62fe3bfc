"""From what files say to a measured device."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pydantic import ValidationError

from ahasd.errors import AhasdError
from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import MeasuredDevice, MeasuredModel, Source, Time
from ahasd.invalid_values import explain
from ahasd.plain_text import one_line

#: No pass takes longer than as many passes of the narrower one as it has times its rows, beyond so much (ours: room
#: for another program's or another context's overhead); units that were mixed up differ by more.
SLACK = 20.0

#: Times of the same pass that differ by more than this are worth a word (ours).
SPREAD = 1.1

#: A widest pass this much faster than the narrowest is no pass; tokens per second fall so (ours; a kernel switch was
#: seen to save a quarter).
FALLING = 0.6


@dataclass(frozen=True, slots=True)
class Assembled:
    """A device and what there is to say of how it came about.

    Attributes
    ----------
    remarks
        Sentences.
    """

    device: MeasuredDevice
    remarks: tuple[str, ...]


def assemble(
    readings: Sequence[Reading],
    name: str = "",
    target: str = "",
    draft: str = "",
    backend: Backend | None = None,
) -> Assembled:
    """Put files together; the same pass measured several times counts as the median.

    Parameters
    ----------
    name
        The device's; "" for the one that the files say.
    target, draft
        Names for models that files do not name; "" if not given.
    backend
        Whose kernels ran; None for what the files say.

    Raises
    ------
    AhasdError
        A model or the device has no name, files are of different backends, or units are mixed up.
    """
    try:
        return _assemble([reading.named(target, draft) for reading in readings], name, backend)
    except ValidationError as error:
        raise AhasdError(f"what the files say cannot be: {explain(error)}") from error


def _assemble(named: Sequence[Reading], name: str, backend: Backend | None) -> Assembled:
    for reading in named:
        nameless = next((time.model for time in reading.times if not time.model.name), None)
        if nameless is not None:
            option = "--draft" if nameless.role == "draft" else "--model"
            raise AhasdError(
                f"{one_line(reading.source.file)} does not say which {nameless.role} it measured; give {option} NAME"
            )
    device = name or next((reading.device for reading in named if reading.device), "")
    if not device:
        raise AhasdError("no file says on which device it was measured; give --device NAME")
    backends = {backend} if backend else {reading.backend for reading in named if reading.backend is not None}
    if len(backends) > 1:
        raise AhasdError(
            f"the files are of different backends ({', '.join(sorted(backends))}); "
            "import each into a device of its own"
        )
    remarks = [remark for reading in named for remark in reading.remarks]
    times = [(reading, time) for reading in named for time in reading.times]
    models = []
    for model in _distinct([time.model for _, time in times]):
        own = [(reading, time) for reading, time in times if _same(time.model, model)]
        _check_units(model, own)
        stands_in = any(model.name in reading.stand_ins for reading in named)
        models.append(_model(model, [time for _, time in own], remarks, stands_in))
    return Assembled(
        MeasuredDevice(
            device=device,
            backend=next(iter(backends), None),
            processor=next((each.processor for each in named if each.processor), None),
            bandwidth_gb_s=next((each.bandwidth_gb_s for each in named if each.bandwidth_gb_s), None),
            slowdown=next((each.slowdown for each in named if each.slowdown), None),
            models=tuple(models),
            acceptances=tuple(found for reading in named for found in reading.acceptances),
            sources=_sources(named),
        ).check("the files together"),
        tuple(dict.fromkeys(remarks)),
    )


def _distinct(names: Sequence[ModelName]) -> list[ModelName]:
    """Models in the order of their first time; one that says no bytes is the one of its name that does."""
    found: list[ModelName] = []
    for name in sorted(names, key=lambda each: each.weight_bytes is None):
        if not any(_same(name, other) for other in found):
            found.append(name)
    order = [name.name for name in names]
    return sorted(found, key=lambda each: order.index(each.name))


def _same(one: ModelName, other: ModelName) -> bool:
    sizes = {one.weight_bytes, other.weight_bytes} - {None}
    return one.name == other.name and len(sizes) <= 1


def _model(
    model: ModelName, times: Sequence[TimeReading], remarks: list[str], stands_in: bool
) -> MeasuredModel:
    passes: dict[tuple[int, int], list[float]] = {}
    for time in times:
        passes.setdefault((time.width, time.context), []).append(time.ms)
    for (width, context), ms in passes.items():
        if max(ms) > SPREAD * min(ms):
            remarks.append(
                f"{model.name} at {width} rows and a context of {context} was measured {len(ms)} times, "
                f"{min(ms):.3g} to {max(ms):.3g} ms; the median counts."
            )
    return MeasuredModel(
        name=model.name,
        weight_bytes=model.weight_bytes,
        stands_in=stands_in,
        parameters=model.parameters
        or next((each.model.parameters for each in times if each.model.parameters), None),
        times=tuple(
            Time(width=width, context=context, ms=median(ms))
            for (width, context), ms in sorted(passes.items())
        ),
    )


def _check_units(model: ModelName, times: Sequence[tuple[Reading, TimeReading]]) -> None:
    """See that no two times of a model differ by what no two passes can.

    Raises
    ------
    AhasdError
        They do.
    """
    narrow = sorted(times, key=lambda each: (each[1].width, each[1].context))
    fastest = narrow[0]
    for entry in narrow:
        time, first = entry[1], fastest[1]
        if time.ms < first.ms / SLACK or time.ms > first.ms * SLACK * time.width / first.width:
            raise AhasdError(
                f"{_where(*entry)}: {time.ms:.4g} ms for {time.width} rows of {model.name}, but {first.ms:.4g} ms "
                f"for {first.width} at {_where(*fastest)}; units are mixed up (seconds among milliseconds?)"
            )
    last, first = narrow[-1][1], fastest[1]
    if last.width > first.width and last.context >= first.context and last.ms < FALLING * first.ms:
        raise AhasdError(
            f"{_where(*narrow[-1])}: {last.width} rows of {model.name} take {last.ms:.4g} ms and {first.width} "
            f"take {first.ms:.4g} ms; are these tokens per second? ms = 1000 x width / (tokens per second)"
        )


def _where(reading: Reading, time: TimeReading) -> str:
    return one_line(reading.source.file) + (f", line {time.line}" if time.line else "")


def _sources(readings: Sequence[Reading]) -> tuple[Source, ...]:
    return tuple(
        dict.fromkeys(source for each in readings for source in (each.source, *each.further_sources))
    )
