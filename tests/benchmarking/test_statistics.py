"""Statistics of a results file, by hand; files of others and broken ones."""

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.benchmarking.samples import Sample
from ahasd.benchmarking.statistics import read_samples, statistics
from ahasd.errors import AhasdError
from ahasd.report.bench_statistics import sample_plot, statistics_table


def sample(method: str, category: str, tokens: int, seconds: float, **further: Any) -> Sample:
    values: dict[str, Any] = {
        "algorithm": "",
        "repetition": 0,
        "sample_index": 0,
        "turn": 0,
        "question_id": "q",
    }
    values |= {"drafted": None, "accepted": None, "rejected": None} | further
    return Sample(method=method, category=category, tokens=tokens, total_time=seconds, **values)


SAMPLES = [
    sample("autoregressive", "a", 10, 2.0),
    sample("autoregressive", "b", 30, 2.0),
    sample("speculative", "a", 10, 1.0, drafted=9, accepted=6, rejected=2, accepted_tokens=(4, 3, 2)),
    sample("speculative", "b", 30, 4.0, drafted=8, accepted=0, rejected=8, accepted_tokens=(1,) * 29),
]


def test_means_are_over_tokens_and_speed_ups_within_a_category() -> None:
    rows = {(row.category, row.name): row for row in statistics(SAMPLES)}
    assert list(rows) == [
        (category, name) for category in ("all", "a", "b") for name in ("autoregressive", "speculative")
    ]
    assert rows["all", "autoregressive"].tokens_per_second == pytest.approx(10)
    assert rows["all", "speculative"].tokens_per_second == pytest.approx(8)
    assert rows["all", "speculative"].speedup == pytest.approx(0.8)
    assert rows["a", "speculative"].speedup == pytest.approx(2)
    assert rows["b", "speculative"].speedup == pytest.approx(0.5)
    assert rows["a", "speculative"].acceptance == pytest.approx(6 / 8)
    assert rows["all", "speculative"].acceptance == pytest.approx(6 / 16)
    assert rows["a", "speculative"].tokens_per_pass == pytest.approx(3)
    assert rows["a", "autoregressive"].acceptance is None


def test_one_category_is_not_told_twice_and_is_named_once() -> None:
    rows = statistics([each for each in SAMPLES if each.category == "a"])
    assert [row.category for row in rows] == ["all", "all"]
    lines = statistics_table(statistics(SAMPLES)).terminal().splitlines()
    assert [line.split()[0] for line in lines[1:7]] == [
        "all",
        "speculative",
        "a",
        "speculative",
        "b",
        "speculative",
    ]


AMUSD = [
    {
        "sample_index": 0,
        "strategy": "greedy",
        "metrics": {"token_times": [0.2, 0.1, 0.1], "total_time": 0.4, "tokens_generated": 4},
    },
    {
        "sample_index": 0,
        "strategy": "amusd",
        "metrics": {"accepted_tokens": [3, 1], "total_time": 0.2, "tokens_generated": 4},
    },
]


def written(folder: Path, content: Any) -> Path:
    path = folder / "results.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_log_of_amusd_is_read(tmp_path: Path) -> None:
    samples = read_samples(written(tmp_path, AMUSD))
    alone, own = statistics(samples)
    assert (alone.name, own.name) == ("autoregressive", "async amusd")
    assert alone.seconds_per_token == pytest.approx(0.1)
    assert own.speedup == pytest.approx(2)
    assert own.tokens_per_pass == pytest.approx(2)
    assert "* autoregressive" in sample_plot(samples, 0)
    assert "async" not in sample_plot(samples, 0)  # its moments are not in the log
    with pytest.raises(AhasdError, match="no prompt 3; the file holds 0 to 0"):
        sample_plot(samples, 3)


def test_a_folder_stands_for_the_results_in_it(tmp_path: Path) -> None:
    written(tmp_path, AMUSD)
    assert len(read_samples(tmp_path)) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", r"results file '.*results.json' is not valid JSON: line 1"),
        ({"samples": []}, "holds neither 'samples'"),
        ([3], "entry 1: must be an object"),
        ([AMUSD[0], {"strategy": "sd"}], r"results.json, entry 2, field 'metrics'"),
        ([{"strategy": "sd", "sample_index": 0, "metrics": {}}], "entry 1, field 'tokens_generated'"),
        ({"samples": [{"method": "async"}]}, "entry 1, field 'algorithm': must be a text"),
    ],
)
def test_other_files_are_refused_by_entry_and_field(tmp_path: Path, content: Any, said: str) -> None:
    with pytest.raises(AhasdError, match=said):
        read_samples(written(tmp_path, content))
