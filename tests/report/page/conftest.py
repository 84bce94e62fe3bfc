"""Results in folders, as commands write them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ahasd.report.files import to_compact_json, to_json
from ahasd.report.page.html import Section, page
from ahasd.report.page.overview import overview
from ahasd.report.page.results import read_results
from ahasd.report.pictures.columns import details_document
from ahasd.report.pictures.views import view_of
from ahasd.systems.simulate import configure, start

OPTIONS = {"trace": "synthetic:acceptance=0.8,auc=0.7,positions=400", "tokens": 24}

WriteRun = Callable[..., Path]


@pytest.fixture(scope="session")
def write_run(tmp_path_factory: pytest.TempPathFactory) -> WriteRun:
    def write(name: str, **options: Any) -> Path:
        folder = tmp_path_factory.mktemp("results") / name
        folder.mkdir()
        run = start(configure({**OPTIONS, **options})[1])
        run.simulate()
        document = run.result().model_dump(mode="json")
        details = view_of(document, name).details(run)
        (folder / "results.json").write_text(to_json(document))
        (folder / "details.json").write_text(to_compact_json(details_document(details)))
        return folder

    return write


@pytest.fixture(scope="session")
def ahasd_run(write_run: WriteRun) -> Path:
    return write_run("ahasd")


@pytest.fixture(scope="session")
def npu_run(write_run: WriteRun) -> Path:
    return write_run("npu", system="npu")


@pytest.fixture(scope="session")
def ranking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison with an interval, a refusal, and a name that is markup."""

    def cell(system: str, speed: float) -> dict[str, Any]:
        figures = {
            "tokens_per_second": speed,
            "joules_per_token": 1 / speed,
            "speedup_over_best_alone": speed / 5,
        }
        named = {"system": system, "hardware": "h", "pair": "a:b", "algorithm": "adaedl", "varied": {}}
        intervals = {name: {"mean": value, "half_width": value / 10} for name, value in figures.items()}
        return named | intervals | {"draft_acceptance_rate": None}

    document = {
        "sentences": ["Best for b: ahasd: 6 tokens/s."],
        "targets": [{"target": "b", "ranking": [cell("ahasd", 6.0), cell("<script>alert(1)</script>", 5.0)]}],
        "refused": [{"system": "gpu", "hardware": "h", "reason": "it has no GPU"}],
        "notes": ["[bold]a note"],
    }
    folder = tmp_path_factory.mktemp("comparison")
    (folder / "ranking.json").write_text(json.dumps(document))
    return folder


def page_of(*places: Path) -> str:
    found = read_results(places)
    sections = [Section(one.name, one.show()) for one in found]
    together = overview(found)
    return page(sections if together is None else [Section("Overview", together), *sections])
