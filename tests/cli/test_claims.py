"""``ahasd claims`` and ``ahasd sensitivity``."""

import csv
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ahasd.claims.ledger import all_claims
from ahasd.experiments.shelf import Shelf

Succeeds = Callable[..., str]
Refused = Callable[..., str]

#: Claims that take few runs, cut short.
CLAIMS = ["ahasd-switching", "amusd-asynchronous-mtbench", "h2eal-accuracy"]
FEW = ("--only", ",".join(reversed(CLAIMS)), "--tokens", 16, "--seeds", 2, "--jobs", 1)
FIELDS = [
    "id", "group", "source", "claim", "published", "ours", "verdict", "decides", "conditions", "reproduce",
]  # fmt: skip


def test_the_json_has_its_schema_and_is_the_same_every_time(succeeds: Succeeds) -> None:
    text = succeeds("claims", *FEW, "--json")
    assert succeeds("claims", *FEW, "--json") == text
    document = json.loads(text)
    assert list(document) == ["schema_version", "criterion", "tokens", "seeds", "claims"]
    assert (document["schema_version"], document["tokens"], document["seeds"]) == (1, 16, 2)
    # In the ledger's order, whatever the order of --only.
    ids = [claim["id"] for claim in document["claims"]]
    assert ids == CLAIMS
    for claim in document["claims"]:
        assert list(claim) == FIELDS
        for condition in claim["conditions"]:
            assert list(condition) == ["condition", "ours", "verdict", "refused"]
            assert condition["ours"]["low"] <= condition["ours"]["mean"] <= condition["ours"]["high"]
    measured = document["claims"][1]
    assert measured["conditions"][0]["condition"] == "as run"
    assert measured["conditions"][0]["ours"] == measured["ours"]
    assert measured["reproduce"] == "ahasd claims --only amusd-asynchronous-mtbench --tokens 16 --seeds 2"
    assert document["claims"][2]["ours"] is None
    assert document["claims"][2]["verdict"] == "not-testable"


def test_a_file_is_markdown_or_json_by_its_name(succeeds: Succeeds, tmp_path: Path) -> None:
    switching = ("--only", "ahasd-switching")
    succeeds("claims", *switching, "--output", "ledger/claims.md")
    page = (tmp_path / "ledger" / "claims.md").read_text(encoding="utf-8")
    assert re.search(r"^\| `ahasd-switching` \| below 1 us \| 0\.\d+ us \| holds \|", page, re.MULTILINE)
    text = succeeds("claims", *switching, "--output", "claims.json", "--json")
    assert (tmp_path / "claims.json").read_text(encoding="utf-8") == text


def test_the_table_counts_the_verdicts(succeeds: Succeeds) -> None:
    out = succeeds("claims", "--only", "ahasd-switching,h2eal-accuracy")
    assert "2 claims: 1 holds, 1 not-testable.\n\nclaim " in out


@pytest.mark.parametrize("arguments", [("claims", "--only"), ("sensitivity", "--claim")])
def test_an_unknown_claim_is_refused_with_the_nearest(refused: Refused, arguments: tuple[str, str]) -> None:
    message = refused(*arguments, "ahasd-swiching")
    assert "unknown claim 'ahasd-swiching'. Did you mean 'ahasd-switching'?" in message
    assert f"The nearest of {len(all_claims())}: ahasd-switching, " in message


def test_a_single_claim_says_whether_it_holds(succeeds: Callable[..., str]) -> None:
    text = succeeds("claims", "--only", "ahasd-switching")
    assert re.match(r"ahasd-switching: holds: [\d.]+ us against below 1 us published \(", text)


def test_no_claim_at_all_is_refused(refused: Refused) -> None:
    assert "--only ' , ' lacks a name" in refused("claims", "--only", " , ")


def test_a_claim_that_cannot_be_tested_or_moved_has_no_sensitivity(refused: Refused) -> None:
    assert "cannot be tested" in refused("sensitivity", "--claim", "h2eal-accuracy")
    assert "none of reading, offchip, gpu" in refused("sensitivity", "--claim", "ahasd-area-edc")


def test_sensitivity_writes_a_line_per_point_and_says_where_the_claim_is_met(
    succeeds: Succeeds, tmp_path: Path
) -> None:
    name = "ahasd-pim-share-opt-1.3b"
    short = ("--tokens", 16, "--seeds", 1, "--jobs", 1)
    out = succeeds("sensitivity", "--claim", name, *short, "--output", "out")
    with (tmp_path / "out" / "sensitivity.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["value"] for line in lines if line["parameter"] == "reading"] == [
        "module-mac", "module-op", "rank-compute", "rank-both",
    ]  # fmt: skip
    assert len([line for line in lines if line["parameter"] == "acceptance"]) == 6
    for line in lines:
        inside = float(line["band_low"]) <= float(line["mean"]) <= float(line["band_high"])
        assert line["verdict"] == ("holds" if inside else "does-not-hold")
    said = "holds when the PIM is read as rank-compute"
    assert said in " ".join(out.split())
    assert said in (tmp_path / "out" / "sensitivity.md").read_text(encoding="utf-8")
    assert "Not varied: offchip, gpu (not in the figure" in " ".join(out.split())


def test_what_claims_have_run_is_kept_for_the_next(succeeds: Succeeds, own_store: Path) -> None:
    text = succeeds("claims", *FEW)
    with closing(sqlite3.connect(own_store)) as connection, connection:
        (rows,) = connection.execute("SELECT count(*) FROM runs").fetchone()
        connection.execute("UPDATE runs SET computed = 100")
    assert rows > 0
    assert succeeds("claims", *FEW) == text
    with closing(sqlite3.connect(own_store)) as connection:
        assert connection.execute("SELECT count(*), min(computed) FROM runs").fetchone() == (rows, 100)


def test_a_run_that_broke_is_no_verdict(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Shelf, *_: object, **__: object) -> None:
        raise ZeroDivisionError("of one by nothing")

    monkeypatch.setattr(Shelf, "run", broken)
    monkeypatch.setattr("ahasd.cli.running.show", lambda *_, **__: None)  # the remark before the error
    message = refused(
        "claims", "--only", "amusd-asynchronous-mtbench", "--tokens", 16, "--seeds", 1, "--jobs", 1
    )
    assert "failed: ZeroDivisionError: of one by nothing" in message
