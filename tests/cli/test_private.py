"""``ahasd private``: the plan, the widths, and the run, as users meet them."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Succeeds = Callable[..., str]
Refused = Callable[..., str]


def test_plan_says_a_sentence_and_a_row_for_each_layer(succeeds: Succeeds) -> None:
    out = succeeds("private", "plan", "resnet32-cifar", "--widths", "w2a4", "--link", "wan")
    assert out.startswith(
        "ResNet-32, 32 x 32, 100 classes, sends 359 MB in 248.5 rounds for one input: 28.8 s"
    )
    assert len([line for line in out.splitlines() if " W2A4 " in line]) == 34
    assert "####" in out


def test_plan_as_json_adds_up(succeeds: Succeeds) -> None:
    found = json.loads(
        succeeds("private", "plan", "glyph", "--json", "--link", "100:10", "--protocols", "sirnn")
    )
    parts = [part["bytes"] for layer in found["layers"] for part in layer["operations"]]
    assert found["bytes"] == sum(parts)
    assert found["seconds"] == pytest.approx(found["bytes"] / 100e6 + found["rounds"] * 0.010)


def test_plan_by_operation_and_with_silent_transfers(succeeds: Succeeds) -> None:
    assert "multiply" in succeeds("private", "plan", "glyph", "--operations")
    assert "a model of bytes" in succeeds("private", "plan", "glyph", "--transfer", "silent")
    assert "A dealer whom both must trust" in succeeds("private", "plan", "glyph", "--transfer", "dealer")


def test_optimise_stands_beside_equal_and_greedy_widths(succeeds: Succeeds) -> None:
    out = succeeds("private", "optimise", "glyph", "--budget", "w3a3", "--frontier")
    assert "times less than that of" in " ".join(out.split())
    assert re.search(r"greedy +\d+ kB", out)
    assert "The frontier" in out
    assert "Hutchinson" in out
    found = json.loads(succeeds("private", "optimise", "glyph", "--budget", "900000", "--json"))
    assert found["optimum"]["cost"] <= 900_000
    assert found["optimum"]["error"] <= found["greedy"]["error"] <= found["uniform"]["error"]
    planned = json.loads(
        succeeds("private", "plan", "glyph", "--widths", found["optimum"]["widths"], "--json")
    )
    assert planned["bytes"] == found["optimum"]["cost"]


def test_optimise_within_seconds(succeeds: Succeeds) -> None:
    found = json.loads(succeeds("private", "optimise", "minionn-cifar", "--seconds", "20", "--json"))
    assert found["unit"] == "seconds"
    assert found["optimum"]["cost"] <= 20


def test_run_prints_two_equal_columns(succeeds: Succeeds) -> None:
    out = succeeds("private", "run", "--images", "2", "--timeout", "60")
    rows = re.findall(r"^([a-z.-]+) +([\d,]+) +([\d,]+)$", out, re.MULTILINE)
    assert [row[0] for row in rows] == ["set-up", "first", "block.a", "block.b", "last", "classes", "total"]
    assert all(predicted == counted for _, predicted, counted in rows)
    assert "2 of 2 outputs equal the plaintext" in " ".join(out.split())
    assert "semi-honest" in out


def test_two_commands_meet(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"0123456789abcdef0123456789abcdef")
    (tmp_path / "key").chmod(0o600)
    port = _free_port()
    common = ["--connect", f"127.0.0.1:{port}", "--key", "key", "--images", "1", "--timeout", "60", "--json"]
    server, client = (
        subprocess.Popen(
            [sys.executable, "-m", "ahasd", "private", "run", "--party", party, *common],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for party in ("0", "1")
    )  # fmt: skip
    outs = [process.communicate(timeout=120) for process in (server, client)]
    assert [server.returncode, client.returncode] == [0, 0], outs
    at_server, at_client = (json.loads(out) for out, _ in outs)
    assert at_server["layers"] == at_client["layers"]
    assert at_server["equal"]
    assert at_server["classes"] is None
    assert len(at_client["classes"]) == 1
    assert not any("0123456789abcdef" in text for both in outs for text in both)


def test_a_run_without_the_library_says_what_to_install(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.x25519", None)
    assert "pip install -c constraints.txt -e '.[private]'" in refused("private", "run")


def test_a_client_without_a_server_gives_up_in_time(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(bytes(range(32)))
    (tmp_path / "key").chmod(0o600)
    start = time.monotonic()
    address = f"127.0.0.1:{_free_port()}"
    message = refused("private", "run", "--party", 1, "--connect", address, "--key", "key", "--timeout", 1)
    assert "start --party 0 first" in message
    assert time.monotonic() - start < 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "resnet"), "unknown private network 'resnet'"),
        (("plan", "glyph", "--widths", "w40a4"), "weights of 40 bits"),
        (("plan", "vgg16-imagenet", "--widths", "w32a32"), "ring of"),
        (("plan", "glyph", "--link", "dsl"), "unknown link 'dsl'"),
        (("plan", "glyph", "--protocols", "coinn"), "unknown protocols 'coinn'"),
        (("plan", "glyph", "--transfer", "iknpp"), "Did you mean 'iknp'"),
        (("optimise", "glyph", "--budget", "10"), "stay within 10"),
        (("optimise", "glyph", "--budget", "many"), "neither bytes"),
        (("optimise", "glyph", "--link", "lan"), "changes nothing without --seconds"),
        (("optimise", "glyph", "--sensitivity", "none.json"), "does not exist"),
        (("run", "--network", "w5a5"), "unknown trained network"),
        (("run", "--party", "0"), "one party needs --connect HOST:PORT and --key FILE"),
        (("run", "--key", "k"), "are for one party"),
        (("run", "--party", "0", "--connect", "10.1.2.3:80", "--key", "k"), "is another host"),
    ],
)
def test_mistakes_are_said_in_one_line(refused: Refused, arguments: tuple[str, ...], message: str) -> None:
    assert message in refused("private", *arguments)


def _free_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
