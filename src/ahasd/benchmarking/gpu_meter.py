"""Power and utilisation of the GPUs that a benchmark uses, as NVIDIA's management library (NVML) reports them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from threading import Event, Thread
from time import perf_counter
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError

#: Seconds between two readings: NVML itself renews power every 20 to 100 ms, utilisation every 170 to 1,000 ms (NVML
#: API reference, nvmlDeviceGetPowerUsage and nvmlDeviceGetUtilizationRates).
INTERVAL_S = 0.05


@dataclass(slots=True)
class GpuUse:
    """What all the GPUs took together while something ran, those without work included.

    Attributes
    ----------
    seconds
        That it ran.
    watts
        Readings, each the sum over the GPUs.
    utilisation
        Readings, each the mean over the GPUs, 0 to 1: the share of time in which some kernel ran.
    """

    seconds: float = 0.0
    watts: list[float] = field(default_factory=list)
    utilisation: list[float] = field(default_factory=list)

    @property
    def mean_watts(self) -> float:
        """Over the readings."""
        return sum(self.watts) / len(self.watts)

    @property
    def mean_utilisation(self) -> float:
        """Over the readings."""
        return sum(self.utilisation) / len(self.utilisation)

    @property
    def joules(self) -> float:
        """Mean power times seconds."""
        return self.mean_watts * self.seconds


class GpuMeter:
    """Reads the GPUs in a thread of its own while something runs.

    Life cycle: made once by `gpu_meter`; ``measured`` around whatever is to be measured, as often as needed.

    Parameters
    ----------
    nvml
        The module ``pynvml`` (package ``nvidia-ml-py``), initialised.
    handles
        Its handles of the devices, at least one.
    """

    def __init__(self, nvml: Any, handles: Sequence[Any]) -> None:
        self._nvml, self._handles = nvml, tuple(handles)

    @contextmanager
    def measured(self) -> Iterator[GpuUse]:
        """Measure what runs inside; the figures are whole when it has ended."""
        use, ended = GpuUse(), Event()
        self._read(use)
        thread = Thread(target=self._watch, args=(use, ended), daemon=True)
        began = perf_counter()
        thread.start()
        try:
            yield use
        finally:
            use.seconds = perf_counter() - began
            ended.set()
            thread.join()
            self._read(use)

    def _watch(self, use: GpuUse, ended: Event) -> None:
        while not ended.wait(INTERVAL_S):
            self._read(use)

    def _read(self, use: GpuUse) -> None:
        nvml = self._nvml
        use.watts.append(sum(nvml.nvmlDeviceGetPowerUsage(handle) for handle in self._handles) / 1e3)
        shares = [nvml.nvmlDeviceGetUtilizationRates(handle).gpu / 100 for handle in self._handles]
        use.utilisation.append(sum(shares) / len(shares))


def gpu_meter(devices: Sequence[Any]) -> GpuMeter | None:
    """Give the meter of the CUDA devices among these; None if there is none.

    Raises
    ------
    AhasdError
        Their power cannot be read; the message says why.
    """
    places = sorted(
        {torch.device(device).index or 0 for device in devices if torch.device(device).type == "cuda"}
    )
    if not places:
        return None
    try:
        nvml = import_module("pynvml")
    except ImportError as error:
        raise AhasdError(
            "the power of the GPU is read with NVML, whose package is not installed: pip install nvidia-ml-py"
        ) from error
    try:
        nvml.nvmlInit()
        # By UUID, since CUDA_VISIBLE_DEVICES renumbers devices for CUDA alone.
        uuids = [f"GPU-{torch.cuda.get_device_properties(place).uuid}" for place in places]
        meter = GpuMeter(nvml, [nvml.nvmlDeviceGetHandleByUUID(uuid) for uuid in uuids])
        with meter.measured():
            pass
    except nvml.NVMLError as error:
        raise AhasdError(f"NVML cannot say what the GPU takes: {error}") from error
    return meter
