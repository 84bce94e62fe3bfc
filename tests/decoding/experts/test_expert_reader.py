"""Experts come out of files as they lie there, whatever the size of a read and wherever they begin."""

import json

import pytest
import torch
from safetensors.torch import load_file

from ahasd.decoding.experts.aligned_memory import AlignedMemory
from ahasd.decoding.experts.expert_places import expert_places
from ahasd.decoding.experts.expert_reader import ExpertReader
from ahasd.decoding.experts.routed_layers import routed_layers
from ahasd.decoding.experts.tensor_index import stored_tensors


def places_of(mixtures, folder):
    return expert_places(
        "model", routed_layers(mixtures.whole(folder).model, "model"), stored_tensors(folder)
    )


def expected(folder, layer, expert):
    tensors = load_file(folder / "model.safetensors")
    name = f"model.layers.{layer}.block_sparse_moe.experts.{expert}"
    return torch.cat([tensors[f"{name}.{part}.weight"].flatten() for part in ("w1", "w3", "w2")])


@pytest.mark.parametrize("piece_bytes", [1, 4096, 10_000, 2**20])
def test_an_expert_is_gate_up_and_down_in_this_order(mixtures, mixtral, piece_bytes):
    places = places_of(mixtures, mixtral)
    reader, slot = ExpertReader(places, piece_bytes), torch.empty(places.numbers)
    for layer, expert in ((0, 0), (1, 3), (2, 5)):
        reader.read(layer, expert, slot)
        assert torch.equal(slot, expected(mixtral, layer, expert))
    assert reader.bytes_read == 3 * places.stored_bytes
    assert reader.bytes_moved >= reader.bytes_read
    reader.close()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shift", [1, 2, 4])
def test_tensors_at_odd_places_are_read_as_well(mixtures, mixtral, tmp_path, shift, dtype):
    folder = tmp_path / "odd"
    folder.mkdir()
    content = (mixtral / "model.safetensors").read_bytes()
    data = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:data])
    text = json.dumps(header).encode()
    text += b" " * ((shift - 8 - len(text)) % 8)  # the data begins at shift, modulo 8
    (folder / "model.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + content[data:])
    places = expert_places(
        "model", routed_layers(mixtures.whole(mixtral).model, "model"), stored_tensors(folder)
    )
    assert (
        places.pieces[0][0][0].start % 8 == (places_of(mixtures, mixtral).pieces[0][0][0].start + shift) % 8
    )
    reader, slot = ExpertReader(places, 4096), torch.empty(places.numbers, dtype=dtype)
    reader.read(1, 2, slot)
    assert torch.equal(slot, expected(mixtral, 1, 2).to(dtype))
    reader.close()


def test_reads_go_through_little_memory(mixtures, mixtral):
    reader = ExpertReader(places_of(mixtures, mixtral), 4096)
    assert reader.staging_bytes == 2 * 8192
    reader.close()


def test_memory_that_a_read_hangs_on_is_left_to_it():
    memory = AlignedMemory(4096)
    room = memory.view[:10]
    memory.close()
    room[0] = 7
    assert room[0] == 7
