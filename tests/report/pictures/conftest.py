"""Results of short runs of every family, as their commands write them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.view import View
from ahasd.report.pictures.views import view_of
from ahasd.systems.simulate import configure, start

SHORT = {"trace": "synthetic:acceptance=0.8,auc=0.7,positions=400", "tokens": 24}
ROUTING = (
    "synthetic-routing:experts=8,top=2,layers=4,tokens=48,prompts=2,prefix=8,zipf=0.3,repeat=0.2,depth=3"
)

#: A configuration for each thing that a run's figures may or may not have.
RUNS = {
    "asynchronous": SHORT | {"system": "ahasd"},
    "serial": SHORT | {"system": "npu"},
    "alone": SHORT | {"system": "npu-autoregressive", "algorithm": "none"},
    "trees": {"system": "tree-table", "tokens": 24},
    "one tree": {"system": "medusa", "tokens": 24, "batch": 2},
    "experts": {"system": "experts-lru", "routing": ROUTING, "cached": 0.5},
    "sparse attention": {"system": "h2eal", "context": "4k", "tokens": 2},
    "speech": {"system": "specasr", "trace": "synthetic-speech:tokens=30,clips=3,agreement=0.7"},
    "speech alone": {"system": "whisper", "trace": "synthetic-speech:tokens=6,clips=2"},
}


@dataclass(frozen=True)
class Ran:
    """A run, its results as a document, what it leaves beside, and the view of both."""

    run: Any
    document: dict[str, Any]
    details: dict[str, Columns]
    view: View


@cache
def ran_of(name: str) -> Ran:
    run = start(configure(dict(RUNS[name]))[1])
    run.simulate()
    document = run.result().model_dump(mode="json")
    view = view_of(document, name)
    return Ran(run, document, view.details(run), view)


@pytest.fixture(params=RUNS)
def ran(request: pytest.FixtureRequest) -> Ran:
    return ran_of(request.param)


@pytest.fixture
def asynchronous() -> Ran:
    return ran_of("asynchronous")


@pytest.fixture
def experts() -> Ran:
    return ran_of("experts")


@pytest.fixture(params=["trees", "one tree"])
def trees(request: pytest.FixtureRequest) -> Ran:
    return ran_of(request.param)
