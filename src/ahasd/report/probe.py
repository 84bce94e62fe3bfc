"""What a probe found, for eyes and for programs: first the sentence."""

from ahasd.hardware.measured.measured_device import MeasuredDevice, MeasuredModel

#: The width that the sentence tells of, if it was measured, else the widest below: a draft of seven (ours).
TOLD = 8


def probed(device: MeasuredDevice) -> str:
    """Say what this machine does, in a sentence."""
    said = []
    if device.bandwidth_gb_s is not None:
        said.append(f"streams {device.bandwidth_gb_s:.3g} GB/s")
    shown = next((model for model in device.models if not model.stands_in), next(iter(device.models), None))
    told = _told(shown) if shown is not None else None
    if shown is not None and told is not None:
        said.append(f"takes {told[1]:.2f} times as long for {told[0]} rows as for one ({shown.name})")
    if device.slowdown is not None:
        said.append(f"slows each of two processes down {device.slowdown:.2f} times")
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    return f"{device.device} {listed}."


def _told(model: MeasuredModel) -> tuple[int, float] | None:
    """A width and its time over that of one row; None if there is nothing to compare."""
    times = {time.width: time.ms for time in model.times}
    width = max((each for each in times if each <= TOLD), default=1)
    return (width, times[width] / times[1]) if 1 in times and width > 1 else None
