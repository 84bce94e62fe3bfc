"""What each device needs of a machine, and machines that cannot be."""

from pathlib import Path
from typing import Any

import pytest

from ahasd.errors import AhasdError
from ahasd.hardware.placement.device_kinds import DEVICES, has_device, parts, require_device
from ahasd.hardware.preset.preset import load_preset, preset_from_document

HAVE = {
    "lpddr5": {"npu"},
    "module-mac": {"npu", "pim", "npu+pim"},
    "rtx-4090-laptop": {"gpu"},
    "two-a100-40gb": {"gpu", "gpu2"},
    "specpim-hbm": {"gpu", "pim", "gpu+pim"},
}


@pytest.mark.parametrize("preset", HAVE)
@pytest.mark.parametrize("device", DEVICES)
def test_a_machine_has_the_devices_whose_parts_it_has(preset: str, device: Any) -> None:
    hardware = load_preset(preset).hardware
    assert has_device(hardware, device) == (device in HAVE[preset])
    if device in HAVE[preset]:
        require_device(hardware, device)
        return
    with pytest.raises(AhasdError, match=f"hardware '{preset}' has no .*; choose a preset") as error:
        require_device(hardware, device)
    missing = next(part for part in device.split("+") if part not in HAVE[preset])
    named = set(str(error.value).rpartition(": ")[2].split(", "))
    assert named & set(HAVE) == {name for name, devices in HAVE.items() if missing in devices}


def test_a_pair_of_devices_is_a_host_and_the_pim() -> None:
    assert parts("gpu2") == ["gpu2"]
    assert parts("npu+pim") == ["npu", "pim"]
    assert parts("gpu+pim") == ["gpu", "pim"]


@pytest.mark.parametrize(
    ("preset", "changes", "said"),
    [
        ("two-a100-40gb", {"gpu": None, "gpu2": None}, "needs a host: a section 'npu' or 'gpu'"),
        ("two-a100-40gb", {"gpu": None, "npu": "module-mac"}, "name the first one 'gpu'"),
        ("module-mac", {"memory": None}, "'memory' is missing: NPU and PIM"),
        ("specpim-hbm", {"memory": None}, "'memory' is missing: NPU and PIM"),
        ("module-mac", {"energy": None}, "'energy' is missing"),
    ],
)
def test_a_machine_that_lacks_what_it_needs_is_refused(
    preset: str, changes: dict[str, str | None], said: str
) -> None:
    document = load_preset(preset).to_document()
    for section, taken_from in changes.items():
        document.pop(section, None)
        if taken_from is not None:
            document[section] = load_preset(taken_from).to_document()[section]
    with pytest.raises(AhasdError, match=said):
        preset_from_document(document)


def test_a_file_that_cannot_be_read_is_refused_by_its_name(tmp_path: Path) -> None:
    folder, binary = tmp_path / "folder.yaml", tmp_path / "binary.yaml"
    folder.mkdir()
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(AhasdError, match=r"folder\.yaml' cannot be read: Is a directory"):
        load_preset(str(folder))
    with pytest.raises(AhasdError, match=r"binary\.yaml' is not text in UTF-8"):
        load_preset(str(binary))


def test_models_lie_with_their_device_and_those_of_the_pim_in_its_ranks() -> None:
    assert {name: kind.memory for name, kind in DEVICES.items()} == {
        "npu": "module",
        "pim": "module",
        "gpu": "gpu",
        "gpu2": "gpu2",
        "npu+pim": "module",
        "gpu+pim": "gpu+module",
    }
    assert {name for name, kind in DEVICES.items() if kind.in_memory} == {"pim", "npu+pim", "gpu+pim"}
    for name, kind in DEVICES.items():
        assert set(kind.sections) == set(parts(name))
