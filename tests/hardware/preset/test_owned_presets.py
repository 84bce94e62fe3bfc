"""Devices that people own as machines: what their presets are made of, and which one a name means."""

import csv
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.hardware.build_devices import build_gpu
from ahasd.hardware.dram.streams.rates import peak_bytes_per_second, streaming_bytes_per_second
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.gpu.gpu import Gpu
from ahasd.hardware.known_bytes import Q4_0_BITS, tokens_per_second
from ahasd.hardware.measured.devices.known_device import known_devices
from ahasd.hardware.preset.builtin import preset_names
from ahasd.hardware.preset.overrides import override
from ahasd.hardware.preset.owned.constant import NOT_READ, USUAL
from ahasd.hardware.preset.owned.listed_documents import CHANNELS_GB_S, STREAM_SHARE
from ahasd.hardware.preset.owned.measured_pass import (
    FILE_BYTES,
    FIXED_SHARE,
    MOST_LAUNCH_US,
    PASS_BYTES,
    PASS_KERNELS,
    PASS_OPERATIONS,
    reached,
)
from ahasd.hardware.preset.owned.owned_gpus import owned_gpus
from ahasd.hardware.preset.owned.owned_presets import find_processor, owned_names, owned_processors
from ahasd.hardware.preset.owned.owned_processor import GROUPS
from ahasd.hardware.preset.owned.power import powers
from ahasd.hardware.preset.owned.usual_shares import usual_reached, usual_share
from ahasd.hardware.preset.preset import load_preset, preset_from_document
from ahasd.prediction.from_figures import target_alone
from ahasd.workload.passes import forward_pass
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

PUBLISHED = Path(__file__).parent.parent.parent / "reference" / "field" / "devices.csv"
NAMES = list(owned_names())


def published() -> dict[str, dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return {row["device"]: row for row in csv.DictReader(file)}


def test_there_are_many_and_each_group_has_some() -> None:
    assert len(NAMES) == len(owned_processors()) >= 45
    assert not set(NAMES) & set(preset_names())
    for group in GROUPS:
        assert any(processor.group == group for processor in owned_processors()), group
    for kind, least in (("GPU", 100), ("NPU", 12), ("CPU", 8)):
        assert sum(processor.kind == kind for processor in owned_processors()) >= least


@pytest.mark.parametrize("name", NAMES)
def test_every_constant_of_a_device_has_a_source_and_its_document_is_the_same_machine(name: str) -> None:
    preset = load_preset(name)
    assert preset.hardware.name == name
    for section, constants in preset.hardware.model_dump(exclude_none=True).items():
        if isinstance(constants, dict):
            assert all(preset.sources[f"{section}.{key}"].strip(" :,") for key in constants), section
    again = preset_from_document(preset.to_document())
    assert again.hardware == preset.hardware


def test_every_device_of_the_table_is_a_machine_or_has_no_bandwidth_or_no_processor() -> None:
    made = {processor.device for processor in owned_processors()}
    for device in known_devices():
        if device.name not in made:
            assert device.peak_bandwidth is None or device.kind == "memory", device.name


def test_the_measured_pass_is_that_of_the_simulator() -> None:
    """Bytes, operations and kernels of Llama-2-7B, as the device models count them."""
    precision = Precision(4)
    graph = forward_pass(load_model("llama2-7b"), 1, 64, precision)
    weights = sum(operator.weight_bytes for operator in graph.operators)
    assert weights * Q4_0_BITS / 4 == pytest.approx(PASS_BYTES, rel=1e-3)
    macs = sum(operator.macs for operator in graph.operators if operator.kind.has_weights)
    assert 2 * macs == pytest.approx(PASS_OPERATIONS, rel=1e-3)
    gpu = build_gpu(load_preset("rtx-3090").hardware, "gpu", precision)
    assert isinstance(gpu, Gpu)
    launched = sum(gpu.operator_cost(operator).launch_seconds for operator in graph.operators)
    per_kernel = load_preset("rtx-3090").hardware.require_gpu().graph_launch_us * 1e-6
    assert launched / per_kernel == pytest.approx(PASS_KERNELS)


def test_the_split_of_a_step_is_that_of_predictions_from_figures() -> None:
    assert (FIXED_SHARE, FILE_BYTES) == (target_alone.FIXED_SHARE, target_alone.MEASURED_BYTES)


@given(st.floats(0.5, 500), st.floats(1.01, 20))
def test_a_speed_comes_out_as_it_went_in(speed: float, over_peak: float) -> None:
    peak = speed * PASS_BYTES * over_peak
    found = reached(speed, peak)
    assert found.pass_seconds(peak) == pytest.approx(1 / speed)
    assert 0 < found.share <= 1
    assert 0 <= found.launch_us <= MOST_LAUNCH_US


def test_what_is_not_published_is_the_median_of_what_is() -> None:
    rows, found = published(), {}
    for gpu in owned_gpus():
        row = rows.get(gpu.device)
        if row and row["measured_bandwidth_gb_s"]:
            speed = (
                float(row["measured_7b_q4_0_tg_tok_s"])
                if row["measured_7b_q4_0_tg_tok_s"]
                else float(row["measured_bandwidth_gb_s"]) * 1e9 / FILE_BYTES
            )
            each = reached(speed, float(row["bandwidth_gb_s"]) * 1e9)
            found.setdefault(gpu.memory_family, []).append(each)
    assert {family: len(each) for family, each in found.items()} == {
        "Apple GPUs": 28,
        "NVIDIA cards": 8,
        "cards with HBM": 2,
        "AMD and Intel cards": 5,
        "GPUs on LPDDR": 6,
    }
    for family, each in found.items():
        share, launch = usual_reached(family)
        assert share.value == pytest.approx(median(one.share for one in each))
        assert launch.value == pytest.approx(median(one.launch_us for one in each))
    preset = load_preset("rtx-3080-10gb")
    share, _ = usual_reached("NVIDIA cards")
    assert preset.hardware.require_gpu().bandwidth_efficiency == pytest.approx(share.value, rel=1e-3)
    assert preset.sources["gpu.bandwidth_efficiency"].startswith(USUAL)
    assert not load_preset("rtx-3090").sources["gpu.bandwidth_efficiency"].startswith(USUAL)


def test_npus_reach_less_of_their_memory_than_gpus_do() -> None:
    assert usual_share("NPU").value < 0.5 < usual_share("CPU").value < usual_reached("GPUs on LPDDR")[0].value


def test_the_stream_of_an_npu_is_that_of_its_timing_set() -> None:
    for name, rate in CHANNELS_GB_S.items():
        memory = load_timing_set(name)
        peak = peak_bytes_per_second(memory.timing, memory.organisation)
        assert peak / 1e9 == pytest.approx(rate, rel=1e-4)
        stream = streaming_bytes_per_second(memory.timing, memory.organisation)
        assert stream / peak == pytest.approx(STREAM_SHARE, rel=2e-3)


@pytest.mark.parametrize(
    "name", [processor.name for processor in owned_processors() if processor.kind == "NPU"]
)
def test_an_npu_draws_what_its_published_speed_comes_to(name: str) -> None:
    """Within the 6 % by which channels miss its bandwidth, and what passes take besides the stream."""
    processor = owned_names()[name]
    reached_rate = getattr(processor, "reached", None) or usual_share("NPU").value * processor.peak
    assert tokens_per_second(name) == pytest.approx(reached_rate / PASS_BYTES, rel=0.09)


def test_figures_that_nobody_read_say_so() -> None:
    recalled = load_preset("rtx-2060").sources
    assert recalled["gpu.gb_per_second"].startswith(NOT_READ)
    assert recalled["gpu.memory_gib"].startswith(NOT_READ)
    assert not load_preset("rtx-5080").sources["gpu.gb_per_second"].startswith(NOT_READ)
    assert load_preset("raspberry-pi-5").sources["gpu.gb_per_second"].startswith(NOT_READ)


@pytest.mark.parametrize(
    ("text", "limit", "idle"),
    [("575", 575.0, 57.5), ("7-25 (MAXN)", 25.0, 2.5), ("48-69 measured under load, 17-18 idle", 69.0, 6.9)],
)
def test_a_power_is_the_most_that_is_published(text: str, limit: float, idle: float) -> None:
    found = powers(text, "source", unread=False)
    assert (found["limit_w"]["value"], found["idle_w"]["value"]) == (limit, pytest.approx(idle))


def test_energy_is_known_only_where_a_power_is() -> None:
    assert powers("", "source", unread=False) == {}
    assert load_preset("rtx-3090").hardware.energy_is_known
    unknown = load_preset("h100-80gb")
    assert not unknown.hardware.energy_is_known
    given_power = override(unknown, ["gpu.idle_w=60", "gpu.limit_w=700"])
    assert given_power.hardware.energy_is_known
    assert not load_preset("snapdragon-8-elite-npu").hardware.energy_is_known
    assert load_preset("apple-m3-max-npu").hardware.require_energy().npu_static_mw == 8000


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rtx-3090", "rtx-3090"),
        ("RTX 3090", "rtx-3090"),
        ("nvidia geforce rtx 3090 24GB", "rtx-3090"),
        ("RTX 3090 Ti", "rtx-3090-ti"),
        ("M1 Max 32-core", "apple-m1-max-32-core"),
        ("apple-m3-max-40-core", "apple-m3-max-40-core"),
        ("Apple M3 Max (40-core GPU)", "apple-m3-max-40-core"),
        ("Apple M5 Pro (16/20-core GPU)", "apple-m5-pro-16-20-core"),
        ("strix halo", "ryzen-ai-max-395"),
        ("Ryzen AI Max+ 395 NPU", "ryzen-ai-max-395-npu"),
        ("strix halo cpu", "ryzen-ai-max-395-cpu"),
        ("m1 max ane", "apple-m1-max-npu"),
        ("iphone 16e", "apple-a18"),
        ("Raspberry Pi 5", "raspberry-pi-5"),
        ("EPYC-9554-cpu", "epyc-9554-cpu"),
    ],
)
def test_names_mean_what_people_mean(text: str, name: str) -> None:
    found = find_processor(text)
    assert found is not None
    assert found.name == name
    assert load_preset(text).hardware.name == name


def test_every_preset_is_found_by_its_own_name_and_by_that_of_its_device() -> None:
    for processor in owned_processors():
        assert find_processor(processor.name) == processor
    for gpu in owned_gpus():
        assert find_processor(gpu.title) == gpu


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("M1 Pro", r"fits 2 devices: 'Apple M1 Pro \(14-core GPU\)' and 'Apple M1 Pro \(16-core GPU\)'"),
        ("RTX 3090 NPU", "nothing is published of the NPU of RTX 3090; what is: rtx-3090"),
        ("Pixel 9", r"of Google Tensor G4 \(Pixel 9\) no bandwidth is published"),
    ],
)
def test_a_name_that_fits_several_or_nothing_says_what_there_is(text: str, message: str) -> None:
    with pytest.raises(AhasdError, match=message):
        load_preset(text)


def test_a_name_that_is_no_device_gets_the_nearest_one() -> None:
    assert find_processor("module-mac") is None
    with pytest.raises(UnknownNameError, match="Did you mean 'rtx-3090'"):
        load_preset("rtx 309")


def test_a_file_can_refine_a_device(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("base: rtx-3090\ngpu: {limit_w: 250}\n", encoding="utf-8")
    mine, base = load_preset(str(path)).hardware, load_preset("rtx-3090").hardware
    assert mine.require_gpu().limit_w == 250
    assert mine.require_gpu().gb_per_second == base.require_gpu().gb_per_second
