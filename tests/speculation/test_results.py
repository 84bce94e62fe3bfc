"""A result in words and figures for people."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ahasd.speculation.configuration import RunConfiguration, resolve
from ahasd.speculation.results import SpeculationResult, TvcRecord
from ahasd.speculation.run import SpeculationRun, simulate


@dataclass(frozen=True)
class Shown:
    result: SpeculationResult
    groups: dict[str, dict[str, str]]


def shown(system: str, **values: Any) -> Shown:
    given = {"pair": "tiny-draft:tiny-target", "trace": "synthetic:acceptance=0.8,auc=0.7,positions=800"}
    configuration = RunConfiguration.checked(system=system, tokens=64, **given, **values)
    result = SpeculationRun(resolve(configuration)).result(search_break_even=False)
    return Shown(result, result.groups())


@pytest.fixture(scope="module")
def ahasd() -> Shown:
    return shown("ahasd", algorithm="adaedl:calibrated")


def test_the_title_says_what_ran_where_and_whose_numbers_drafted() -> None:
    where = "npu on lpddr5: tiny-draft:tiny-target"
    assert shown("npu", algorithm="adaedl").result.title == f"{where}, algorithm adaedl (published)"
    assert shown("npu", algorithm="none").result.title == f"{where}, algorithm none"


def test_drafted_tokens_are_told_with_their_fates(ahasd: Shown) -> None:
    about, rows = ahasd.result.speculation, ahasd.groups["Tokens"]
    fates = f"{about.accepted} accepted + {about.rejected} rejected + {about.flushed} flushed"
    assert rows["drafted"] == f"{about.drafted} = {fates} + {about.in_flight} in flight"
    assert rows["passes of the target"] == str(about.verifications)
    assert rows["acceptance rate"] == f"{about.accepted / (about.accepted + about.rejected):.3f}"
    assert rows["draft efficiency"] == f"{about.accepted / about.drafted:.3f}"
    assert f"{about.joules_wasted / about.wasted:.4f} J for each wasted token" in rows["energy wasted"]
    assert set(ahasd.groups["Queues"]) == set(about.queues)


def test_controllers_are_told_where_there_are_any(ahasd: Shown) -> None:
    rows, edc = ahasd.groups["Controllers"], ahasd.result.speculation.controller.edc
    assert edc is not None
    assert rows["EDC"].startswith(
        f"{edc.decisions} decisions: {edc.continued} continued, {edc.stopped} stopped"
    )
    assert set(rows) >= {"EDC", "TVC"}
    assert set(shown("npu-pim-async+aau", algorithm="fixed:2").groups["Controllers"]) == set()


def test_tvc_tells_how_well_it_predicted_where_it_did(ahasd: Shown) -> None:
    controller = ahasd.result.speculation.controller
    record = {name: 3 for name in ("consulted", "inserted", "tokens", "useful", "rank_switches", "predicted")}
    for error, told in ((0.25, True), (None, False)):
        tvc = TvcRecord(**record, mean_relative_error=error, relative_error_maximum=error and 2 * error)
        about = ahasd.result.speculation.model_copy(
            update={"controller": controller.model_copy(update={"tvc": tvc})}
        )
        rows = ahasd.result.model_copy(update={"speculation": about}).groups()["Controllers"]
        assert ("TVC's prediction" in rows) is told
        if told:
            assert rows["TVC's prediction"] == "of the NPU's time: off by 25.0% on average, 50.0% at most"


def test_without_a_draft_there_are_no_fates() -> None:
    alone = shown("npu-autoregressive", algorithm="none")
    assert set(alone.groups["Tokens"]) == {"passes of the target", "mean acceptance length"}
    assert alone.groups["Queues"] == alone.groups["Controllers"] == {}
    assert alone.groups["Speed"]["tokens"] == "64"
    assert alone.groups["Speed"]["throughput"] == f"{64 / alone.result.seconds:.3f} tokens/s"


def test_a_pair_whose_tokenizers_were_not_checked_is_said_to_be_so(tmp_path: Path) -> None:
    """A config.json alone does not tell its tokenizer; that of the zoo's models is known."""
    sizes = {"vocab_size": 32000, "hidden_size": 256, "intermediate_size": 512, "num_hidden_layers": 2}
    draft = {
        "model_type": "llama",
        "num_attention_heads": 4,
        "max_position_embeddings": 4096,
        "hidden_act": "silu",
    }
    (tmp_path / "config.json").write_text(json.dumps(draft | sizes))
    given: dict[str, Any] = {"system": "npu", "hardware": "module-mac", "tokens": 10}
    said = simulate(pair=f"{tmp_path}:llama2-7b", **given).notes
    (note,) = [note for note in said if "not checked" in note]
    assert f"config.json of {tmp_path.name}" in note
    assert not [
        note for note in simulate(pair="llama2-7b:llama2-13b", **given).notes if "not checked" in note
    ]
