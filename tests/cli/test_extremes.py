"""Constants and sizes far from any machine: refused with a reason, or run to an end; never endless, never a crash."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from ahasd.hardware.preset.preset import load_preset, preset_names
from ahasd.hardware.preset.ranges import RANGES
from ahasd.hardware.preset.sections import Section

Refusal = Callable[..., str]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("npu.clock_ghz=1e-9", "npu.clock_ghz: 1e-09 is outside 0.001 to 100: chips run at megahertz"),
        ("pim.clock_ghz=1e300", "pim.clock_ghz: 1e+300 is outside"),
        (
            "memory.channel_gb_per_second=1e-6",
            "is outside 0.001 to 1e+15: links and memories move a megabyte",
        ),
        ("npu.launch_us=1e12", "is outside 1e-06 to 1e+06: what is launched, sent or looked at takes"),
        ("cpu.polling_us=1e15", "is outside 1e-06 to 1e+06"),
        ("memory.refresh_rate=0.01", "is outside 0.125 to 8: LPDDR5 asks for"),
        ("memory.refresh_rate=0.08", "is outside 0.125 to 8"),
        ("memory.channels=10000000", "is outside 1 to 1024: the largest machines"),
        ("memory.ranks_per_channel=10000000", "is outside 1 to 64: a channel drives a few ranks"),
        ("memory.rank_capacity_gib=1e300", "is outside 0.001 to 1e+06: memories hold"),
        ("npu.chips=1000000000", "is outside 1 to 65536: no machine has more of them"),
        ("energy.npu_mac_pj=1e300", "is outside 1e-09 to 1e+06: an operation or a bit takes"),
        ("pim.power_cap_w=1e-300", "is outside 1e-06 to 100000"),
        (
            "pim.gmac_per_second=1e-3",
            "draft llama2-7b would take 6.74e+03 s on the pim: pim.gmac_per_second=0.001 makes it so",
        ),
        ("pim.power_cap_w=1e-5", "at pim.power_cap_w=1e-05 makes it so; beyond 100 s nothing is modelled"),
        ("system.design_draft_length=1000000000", "must be at most 1024"),
        ("npu.chips=1_000", "'1_000' has an underscore; write the digits without it"),
        ("npu.clock_ghz=1_0.5", "'1_0.5' has an underscore"),
        ("npu.chips=" + "9" * 5000, "npu.chips"),
        ("npu.clock_ghz=1e400", "npu.clock_ghz is '1e400'; must be finite"),
    ],
)
def test_a_constant_out_of_all_proportion_is_refused_with_the_reason(
    refused: Refusal, short: list[str], change: str, reason: str
) -> None:
    assert reason in refused("run", *short, "--set", change)


@pytest.mark.parametrize(
    "change",
    [
        *(
            "npu.clock_ghz=1e-3",
            "npu.clock_ghz=100",
            "memory.refresh_rate=0.125",
            "cpu.polling_us=1e6",
            "pim.launch_us=1e5",
        ),
        *(
            "memory.channels=1024",
            pytest.param("memory.ranks_per_channel=64", marks=pytest.mark.slow),
            "energy.npu_mac_pj=1e6",
            pytest.param("pim.power_cap_w=0.0005", marks=pytest.mark.slow),
        ),
        *(
            "cpu.polling_us=1e-6",
            "memory.rank_capacity_gib=1e6",
            "npu.scratchpad_mb=1e6",
            "energy.npu_static_mw=0",
        ),
    ],
)
def test_at_the_ends_of_the_ranges_runs_end(
    succeeds: Callable[..., str], short: list[str], tmp_path: Path, change: str
) -> None:
    succeeds("run", *short, "--set", change, "--output", "out")
    assert json.loads((tmp_path / "out" / "results.json").read_text())["seconds"] > 0


def test_a_board_that_gains_energy_by_working_is_refused(refused: Refusal, short: list[str]) -> None:
    given = (
        "--system",
        "gpu",
        "--hardware",
        "rtx-4090-laptop",
        "--set",
        "gpu.limit_w=10",
        "--set",
        "gpu.idle_w=200",
    )
    for order in (given, (*given[:4], *given[6:], *given[4:6])):
        message = refused("run", *short, *order)
        assert "gpu.idle_w is " in message
        assert "a board that draws more at rest than at work would gain energy by working" in message


def test_every_constant_of_every_preset_has_a_range_and_lies_well_within() -> None:
    """A new constant needs a range in ranges.py, or both ends in its section."""
    for name in preset_names():
        for section, content in load_preset(name).hardware:
            if not isinstance(content, Section):
                continue
            for key, field in type(content).model_fields.items():
                value = getattr(content, key)
                if isinstance(value, bool) or not isinstance(value, int | float):
                    continue
                ends = {type(rule).__name__.lower() for rule in field.metadata}
                assert key in RANGES or "le" in ends, f"{section}.{key}"
                if key in RANGES and value:
                    RANGES[key].check(value)


def test_a_text_is_set_as_a_text(succeeds: Callable[..., str], short: list[str], tmp_path: Path) -> None:
    given = ("--set", "name=mine", "--set", "description=of my own", "--output", "out", "--details")
    out = succeeds("run", *short, *given)
    assert "ahasd on mine" in out
    assert "changed: name=mine, description=of my own" in out
    assert json.loads((tmp_path / "out" / "results.json").read_text())["hardware"] == "mine"


@pytest.mark.parametrize(
    "trace",
    ["synthetic:positions=5000000", "synthetic:steps=1000000000", "synthetic:positions=64,steps=10000000"],
)
def test_a_trace_that_would_fill_the_memory_is_refused(refused: Refusal, trace: str) -> None:
    assert "are more than the 5,000,000 drafted tokens that are made up at once" in refused(
        "run", "--trace", trace
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--tokens", "1_0"),
        ("run", "--tokens=1_0"),
        ("compare", "--seeds", "1_0"),
        ("trace", "synth", "--output", "x", "--positions", "1_000"),
        ("generate", "--prompt", "x", "--temperature", "1_0.5"),
        ("run", "--algorithm", "fixed:1_0"),
        ("run", "--trace", "synthetic:positions=1_000"),
        ("run", "--config", "config.json"),
        ("hardware", "show", "mine.yaml"),
    ],
)
def test_digits_that_are_parted_by_underscores_are_refused(
    refused: Refusal, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    (tmp_path / "config.json").write_text('{"tokens": "1_0"}')
    (tmp_path / "mine.yaml").write_text("base: module-mac\nnpu: {chips: 1_0}")
    message = refused(*arguments)
    assert any(text in message for text in ("1_0", "1_000"))


def test_names_and_folders_with_underscores_are_none(
    succeeds: Callable[..., str], short: list[str], tmp_path: Path
) -> None:
    succeeds("run", *short, "--output", "1_000")
    assert (tmp_path / "1_000" / "results.json").is_file()


@pytest.mark.parametrize("name", ["x" * 300, "x" * 300 + ".yaml", "./" + "x" * 300, "a/" * 3000])
def test_names_of_any_length_are_refused(refused: Refusal, short: list[str], name: str) -> None:
    for arguments in (
        ("run", *short, "--hardware", name),
        ("run", *short, "--config", name),
        ("run", *short, "--output", name),
        ("run", *short, "--timeline", name),
        ("run", "--trace", name),
        ("run", "--pair", f"{name}:{name}"),
        ("trace", "info", name),
        ("trace", "synth", "--output", name),
        ("validate", name),
        ("generate", "--prompt", "x", "--target", name),
        ("bench", "--prompts", name),
        ("trace", "record", "--output", name),
        ("rtl", "emit", "--output", name),
        ("rtl", "synth", "--liberty", name),
    ):
        assert refused(*arguments)


def test_devices_and_pipes_are_not_read(refused: Refusal, short: list[str], tmp_path: Path) -> None:
    import os

    os.mkfifo(tmp_path / "pipe.yaml")
    for name in ("/dev/zero", "pipe.yaml"):
        for arguments in (
            ("run", *short, "--hardware", f"./{name}" if name[0] != "/" else name),
            ("run", *short, "--config", name),
            ("run", "--trace", f"./{name}" if name[0] != "/" else name),
            ("run", "--pair", f"./{name}:./{name}" if name[0] != "/" else f"{name}:{name}"),
            ("bench", "--prompts", name),
            ("rtl", "synth", "--liberty", name),
        ):
            assert "it is a " in (message := refused(*arguments)) or "not an ordinary file" in message
