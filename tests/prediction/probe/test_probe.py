"""The parts of a probe, in a size that takes no time."""

import math
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from ahasd.decoding.tiny_pair import target_path
from ahasd.errors import AhasdError
from ahasd.hardware.measured.device_file import device_document, given_device
from ahasd.prediction.from_figures.measured_pair import measured_pair
from ahasd.prediction.probe.decoder_chain import ChainShape, DecoderChain
from ahasd.prediction.probe.llama_program import run_batched_bench
from ahasd.prediction.probe.model_passes import ModelPasses
from ahasd.prediction.probe.probe import ProbeSettings, probe
from ahasd.prediction.probe.streaming import streaming_bandwidth

SCRIPT = """#!/bin/sh
echo 'ggml_cuda_init: found 1 CUDA devices' >&2
echo "$@" > "$0.arguments"
echo '{"pp": 32, "tg": 16, "pl": 1, "t_tg": 0.16}'
echo '{"pp": 32, "tg": 16, "pl": 4, "t_tg": 0.32}'
"""


def fake_llama(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str = SCRIPT) -> Path:
    """Stand in for llama.cpp's program."""
    program = folder / "llama-batched-bench"
    program.write_text(script, encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    (folder / "model.gguf").write_bytes(b"GGUF")
    return folder / "model.gguf"


def test_a_chain_has_the_parameters_of_its_products_and_keeps_finite() -> None:
    shape = ChainShape(hidden=64, layers=2)
    chain = DecoderChain(shape, "cpu")
    products = 64 * 96 + 64 * 64 + 64 * 352 + 176 * 64
    assert shape.parameters == 2 * products
    assert chain.weight_bytes == 4 * shape.parameters
    state = chain.forward(3)
    assert tuple(state.shape) == (3, 64)
    assert bool(state.isfinite().all())
    assert math.isclose(float(state.norm(dim=-1)[0]), 1.0, rel_tol=1e-5)


def test_streaming_is_a_positive_rate() -> None:
    assert 0 < streaming_bandwidth(1, "cpu") < math.inf


def test_a_probe_is_a_device_whose_chain_stands_in_for_any_model() -> None:
    settings = ProbeSettings(
        (1, 2, 4), None, 0, seconds=1.0, threads=1, hidden=64, layers=1, stream_megabytes=1
    )
    steps = []
    found = probe(settings, "this box", lambda: steps.append(1))
    device = given_device(device_document(found.device), "the probe")
    assert device.device == "this box"
    assert device.bandwidth_gb_s is not None
    assert device.slowdown is not None
    assert steps
    (chain,) = device.models
    assert chain.stands_in
    assert chain.widths == (1, 2, 4)
    pair = measured_pair(device, "Qwen2.5-14B", 4, None, 4)
    ms = {time.width: time.ms for time in chain.times}
    assert pair.verify(1, 4) == pytest.approx(ms[4] / ms[1], rel=1e-5)
    assert pair.target_step_s is None
    assert "a chain of products on this machine" in " ".join(pair.notes(4, drafts=False))


def test_llama_cpp_measures_a_gguf_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = fake_llama(tmp_path, monkeypatch)
    found = run_batched_bench(model, (4, 1), context=32, seconds=30)
    assert [(time.model.name, time.width, time.context) for time in found.times] == [
        ("model", 1, 40),
        ("model", 4, 40),
    ]
    assert [time.ms for time in found.times] == pytest.approx([10.0, 20.0])
    said = (tmp_path / "llama-batched-bench.arguments").read_text(encoding="utf-8").split()
    assert said[said.index("-npl") + 1] == "1,4"
    assert int(said[said.index("-c") + 1]) >= 4 * (32 + 16)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "#!/bin/sh\necho 'error: unable to load model' >&2\nexit 1\n",
            "ended with 1: error: unable to load",
        ),
        ("#!/bin/sh\necho hello\n", "wrote no line of times"),
        ("#!/bin/sh\nexec sleep 30\n", "wrote no time within 1 s"),
    ],
)
def test_what_llama_cpp_cannot_do_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, message: str
) -> None:
    model = fake_llama(tmp_path, monkeypatch, script)
    with pytest.raises(AhasdError) as refusal:
        run_batched_bench(model, (1,), 32, seconds=1.0)
    assert message in str(refusal.value)


def test_what_llama_cpp_wrote_until_time_was_up_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = fake_llama(tmp_path, monkeypatch, f'{SCRIPT}printf \'{{"pp": 32, "tg"\'\nexec sleep 30\n')
    assert [time.width for time in run_batched_bench(model, (1, 4, 8), 32, seconds=2.0).times] == [1, 4]


def test_a_gguf_file_without_llama_cpp_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AhasdError, match="is not on the PATH"):
        run_batched_bench(tmp_path / "model.gguf", (1,), 32, seconds=1.0)


def test_a_model_needs_room_for_context_and_pass() -> None:
    passes = ModelPasses(target_path(), 8, 4)
    passes.forward(4)
    passes.forward(1)
    with pytest.raises(AhasdError, match="has room for"):
        ModelPasses(target_path(), 1_000_000, 4)


def test_without_torch_the_error_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; sys.argv = ['ahasd', 'probe']; "
        "from ahasd.cli import main; main()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "needs torch" in run.stderr
    assert "pip install" in run.stderr
