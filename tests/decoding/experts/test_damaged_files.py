"""Files that are cut off, changed, missing or quantised, and disks that fail: errors that say what to do."""

import json
import os
import shutil
import weakref

import pytest

from ahasd.decoding.experts.direct_file import DirectFile
from ahasd.decoding.experts.offloaded_model import OffloadedModel, OffloadSettings
from ahasd.decoding.experts.offloaded_run import run_offloaded
from ahasd.decoding.experts.reading_thread import ReadingThread
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.errors import AhasdError

FEW = OffloadSettings(20 * 18432)
GREEDY = RecordSettings("greedy", tokens_per_prompt=12)


@pytest.fixture
def copied(mixtral, tmp_path):
    return shutil.copytree(mixtral, tmp_path / "copied")


def weights(folder):
    return folder / "model.safetensors"


def test_a_file_that_is_cut_off_is_refused_before_anything_runs(copied):
    os.truncate(weights(copied), weights(copied).stat().st_size - 100)
    with pytest.raises(AhasdError, match=r"(?i)cut off|incomplete|cannot load"):
        OffloadedModel(copied, FEW)


def test_a_file_that_is_cut_off_during_the_run_ends_it(copied):
    with OffloadedModel(copied, FEW) as model:
        os.truncate(weights(copied), 200_000)
        with pytest.raises(AhasdError, match="changed while it was in use"):
            run_offloaded(model, [1, 2, 3], GREEDY)


def test_a_file_that_is_replaced_during_the_run_ends_it(copied):
    with OffloadedModel(copied, FEW) as model:
        run_offloaded(model, [1, 2, 3], GREEDY)
        shutil.copy(weights(copied), copied / "other")
        os.replace(copied / "other", weights(copied))
        with pytest.raises(AhasdError, match="changed while it was in use"):
            run_offloaded(model, [4, 5, 6], GREEDY)


def test_a_read_behind_the_end_names_the_place(tmp_path):
    path = tmp_path / "short"
    path.write_bytes(bytes(5000))
    from ahasd.decoding.experts.aligned_memory import AlignedMemory

    with DirectFile(path) as file, pytest.raises(AhasdError, match="ends at 5000 bytes"):
        file.read_into(AlignedMemory(20_000).view, 4500, 9000, 4096)


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (4095, 4097), (1, 20_000), (8192, 12_288), (19_999, 20_000)]
)
@pytest.mark.parametrize("piece", [4096, 8192, 2**20])
@pytest.mark.parametrize("direct", [True, False])
def test_reads_give_the_bytes_of_the_file_wherever_they_begin(tmp_path, start, stop, piece, direct):
    from ahasd.decoding.experts.aligned_memory import AlignedMemory

    content = bytes(index * 37 % 251 for index in range(20_000))
    path = tmp_path / "file"
    path.write_bytes(content)
    memory = AlignedMemory(stop - start + 2 * 4096)
    with DirectFile(path, direct) as file:
        at = file.read_into(memory.view, start, stop, piece)
    assert bytes(memory.view[at : at + stop - start]) == content[start:stop]


def test_an_expert_that_is_missing_is_named(copied):
    from safetensors.torch import load_file, save_file

    tensors = load_file(weights(copied))
    lost = ("layers.1.", "experts.4.w2")
    tensors = {name: kept for name, kept in tensors.items() if not all(part in name for part in lost)}
    save_file(tensors, weights(copied), {"format": "pt"})
    with pytest.raises(AhasdError, match="expert 4 of layer 1 has 12288 bytes"):
        OffloadedModel(copied, FEW)


def test_a_quantised_model_is_refused(copied):
    config = json.loads((copied / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "mxfp4"}
    (copied / "config.json").write_text(json.dumps(config))
    with pytest.raises(AhasdError, match="unpack it to float16 or bfloat16"):
        OffloadedModel(copied, FEW)


def test_a_header_that_makes_no_sense_is_refused(copied):
    from ahasd.decoding.experts.tensor_index import stored_tensors

    for content in (b"", bytes(8), (20).to_bytes(8, "little") + b"no json at all, none"):
        weights(copied).write_bytes(content)
        with pytest.raises(AhasdError, match=r"model\.safetensors"):
            stored_tensors(copied)


def test_a_disk_that_does_not_answer_is_not_waited_for_for_ever():
    import threading

    stuck = threading.Event()
    thread = ReadingThread(patience_s=0.05)
    fetch = thread.ask(lambda: bool(stuck.wait(5)), urgent=True)
    with pytest.raises(AhasdError, match="see whether the disk is well"):
        thread.wait(fetch)
    stuck.set()
    thread.close()


def test_what_fails_in_the_reading_thread_is_raised_where_it_is_waited_for_and_the_thread_goes_on():
    def fail():
        raise AhasdError("the disk is gone")

    thread, done = ReadingThread(), []
    failing, working = thread.ask(fail, urgent=True), thread.ask(lambda: done.append(1), urgent=True)
    with pytest.raises(AhasdError, match="the disk is gone"):
        thread.wait(failing)
    thread.wait(working)
    thread.close()
    assert done == [1]


def test_what_is_waited_for_is_read_before_what_is_only_expected():
    import threading

    order, go = [], threading.Event()
    thread = ReadingThread()
    first = thread.ask(lambda: bool(go.wait(5)), urgent=True)
    expected = [thread.ask(lambda number=number: order.append(number), urgent=False) for number in range(3)]
    urgent = thread.ask(lambda: order.append("urgent"), urgent=True)
    thread.hurry(expected[2])
    thread.drop(expected[0])
    go.set()
    for fetch in (first, urgent, expected[1], expected[2]):
        thread.wait(fetch)
    thread.close()
    assert order == ["urgent", 2, 1]


def test_closing_ends_the_thread_and_leaves_no_file_open(mixtral):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    with OffloadedModel(mixtral, FEW) as model:
        run_offloaded(model, [1, 2, 3], GREEDY)
        running = model.thread
    assert not running._thread.is_alive()
    assert not before or len(os.listdir("/proc/self/fd")) == before


def test_closing_gives_the_memory_back_at_once(mixtral):
    with OffloadedModel(mixtral, FEW) as model:
        buffers = weakref.ref(model.residency._buffers.untyped_storage())
        size = model.residency._buffers.nbytes
    assert size == model.memory.bytes
    assert buffers() is None
    assert model.residency._buffers.nbytes == 0
