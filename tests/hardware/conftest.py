import pytest

from ahasd.hardware.placement.placement import RankSet
from ahasd.hardware.preset.preset import Hardware, load_preset
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.zoo import load_model


@pytest.fixture
def module_mac() -> Hardware:
    return load_preset("module-mac").hardware


@pytest.fixture
def all_ranks(module_mac: Hardware) -> RankSet:
    return RankSet(module_mac.memory.channels, 0, module_mac.memory.ranks_per_channel)


@pytest.fixture
def llama_7b() -> ModelSpec:
    return load_model("llama2-7b")


@pytest.fixture
def llama_13b() -> ModelSpec:
    return load_model("llama2-13b")
