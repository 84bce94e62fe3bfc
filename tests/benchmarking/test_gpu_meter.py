"""Power and utilisation of GPUs, read from a library that stands in for NVML."""

import sys
from time import sleep
from types import SimpleNamespace

import pytest

torch = pytest.importorskip("torch")

from ahasd.benchmarking.benchmark import bench  # noqa: E402
from ahasd.benchmarking.contender import Contender, TextRun  # noqa: E402
from ahasd.benchmarking.gpu_meter import GpuMeter, gpu_meter  # noqa: E402
from ahasd.decoding.models.emulated_latency import EmulatedLatency  # noqa: E402
from ahasd.errors import AhasdError  # noqa: E402
from ahasd.report.benchmark import BenchSetting, bench_json, bench_text  # noqa: E402


class Nvml:
    """Two devices, of 100 W and 50 W, half busy and idle; counts readings. The names are NVML's."""

    # ruff: noqa: N802

    class NVMLError(Exception):
        pass

    def __init__(self, readable=True):
        self.readable, self.readings, self.asked = readable, 0, []

    def nvmlInit(self):
        pass

    def nvmlDeviceGetHandleByUUID(self, uuid):
        self.asked.append(uuid)
        return len(self.asked) - 1

    def nvmlDeviceGetPowerUsage(self, handle):
        if not self.readable:
            raise self.NVMLError("Not Supported")
        self.readings += 1
        return (100_000, 50_000)[handle]

    def nvmlDeviceGetUtilizationRates(self, handle):
        return SimpleNamespace(gpu=(50, 0)[handle])


def test_joules_are_the_sum_of_the_devices_over_the_time_measured():
    nvml = Nvml()
    with GpuMeter(nvml, (0, 1)).measured() as use:
        sleep(0.3)
    assert use.seconds >= 0.3
    assert use.mean_watts == 150
    assert use.joules == pytest.approx(150 * use.seconds)
    assert use.mean_utilisation == 0.25
    assert nvml.readings >= 2 * 3  # while it ran, too


@pytest.fixture
def cuda(monkeypatch):
    """Devices that torch would name, whose UUIDs are their places."""
    properties = lambda place: SimpleNamespace(uuid=f"uuid-{place}")  # noqa: E731
    monkeypatch.setattr(torch.cuda, "get_device_properties", properties)

    def install(nvml):
        monkeypatch.setitem(sys.modules, "pynvml", nvml)

    return install


def test_the_devices_that_models_lie_on_are_read_once_each(cuda):
    nvml = Nvml()
    cuda(nvml)
    assert gpu_meter(["cuda:1", "cuda", "cpu", "cuda:1"]) is not None
    assert nvml.asked == ["GPU-uuid-0", "GPU-uuid-1"]


def test_without_a_gpu_nothing_is_looked_for(cuda):
    cuda(None)  # importing it would fail
    assert gpu_meter(["cpu"]) is None


def test_what_is_missing_is_said(cuda):
    cuda(None)
    with pytest.raises(AhasdError, match="pip install nvidia-ml-py"):
        gpu_meter(["cuda"])
    cuda(Nvml(readable=False))
    with pytest.raises(AhasdError, match="Not Supported"):
        gpu_meter(["cuda"])


class Sleeping(Contender):
    """Writes four tokens in a time."""

    def __init__(self, method, seconds):
        self.method, self.seconds = method, seconds

    def run(self, prompt, max_new_tokens):
        sleep(self.seconds)
        return TextRun((1, 2, 3, 4), self.seconds, None)


def test_a_benchmark_says_what_a_token_of_each_method_takes():
    contenders = [Sleeping("autoregressive", 0.04), Sleeping("transformers", 0.01)]
    result = bench(contenders, [[1], [2]], 2, 4, meter=GpuMeter(Nvml(), (0,)))
    alone, other = result.contenders
    assert alone.gpu.watts.median == 100
    assert alone.gpu.joules_per_token.least >= 100 * 0.04 / 4
    assert other.gpu.joules_per_token.median < alone.gpu.joules_per_token.median
    setting = BenchSetting("a:b", "p", EmulatedLatency(), "cuda:0", None, "float32", 1)
    text = bench_text(result, setting)
    assert "J/token" in text
    assert "50%" in text
    assert bench_json(result, setting)["methods"][0]["gpu"]["watts"]["median"] == 100


def test_a_benchmark_without_a_meter_shows_no_joules_and_says_why():
    result = bench([Sleeping("autoregressive", 0.001)], [[1]], 1, 4)
    setting = BenchSetting("a:b", "p", EmulatedLatency(), "cuda:0", None, "float32", 1, "it is not installed")
    text = bench_text(result, setting)
    assert "GPU busy" not in text
    assert "no joules: it is not installed" in text
    assert bench_json(result, setting)["methods"][0]["gpu"] is None
