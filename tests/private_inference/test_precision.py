"""Exact widths: equal to brute force, within the budget, never worse than equal or greedy ones."""

import json
import time
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.private_inference.network.chain_builder import ChainBuilder
from ahasd.private_inference.network.layer import Network
from ahasd.private_inference.network.link import LINKS
from ahasd.private_inference.network.plan import plan
from ahasd.private_inference.network.rules import PRIVQUANT, SIRNN
from ahasd.private_inference.network.zoo import network_named
from ahasd.private_inference.precision.budget import equal_budgets, read_budget
from ahasd.private_inference.precision.choices import CHOICES, Problem, problem, second_cost
from ahasd.private_inference.precision.exact import cheapest, optimise
from ahasd.private_inference.precision.sensitivity import equal_sensitivity, read_sensitivity
from ahasd.private_inference.precision.simple import greedy, uniform

#: What rules out a choice in these tests: no sum of allowed errors comes near.
FORBIDDEN = 1e6


def blocks(layers: int) -> Network:
    """With a shortcut, and from five layers on one that is projected."""
    chain = ChainBuilder(2, 8).convolution("stem", 4)
    if layers >= 3:
        chain.convolution("a", 4, keeps_input=True).convolution("b", 4, adds_kept=True, mean=layers == 3)
    if layers == 6:
        chain.convolution("c", 6, stride=2, keeps_input=True)
        chain.convolution("project", 6, 1, 2, on_kept=True, relu=False)
        chain.convolution("d", 6, adds_kept=True)
    return chain.network("blocks", "blocks")


def made(network: Network, seed: int, allowed: tuple[int, ...], rules=PRIVQUANT) -> Problem:
    """A problem with random errors in which only some widths are allowed."""
    random = np.random.default_rng(seed)
    count = len(CHOICES)
    errors = []
    for _ in network.layers:
        error = np.add.outer(
            *(np.sort(random.exponential(random.uniform(0.1, 3), count))[::-1] for _ in range(2))
        )
        banned = [place for place in range(count) if place not in allowed]
        error[banned, :] = error[:, banned] = FORBIDDEN
        errors.append(error)
    return problem(network, rules, errors)


def brute_force(found: Problem, budget: float, allowed: tuple[int, ...]) -> float:
    """Least error of every choice within the budget."""
    layers = [table.layer for table in found.layers]
    pairs = [
        [(w,) for w in allowed] if layer.on_kept else list(product(allowed, repeat=2)) for layer in layers
    ]
    best = float("inf")
    for whole in product(*pairs):
        chosen, kept = [], 0
        for layer, pair in zip(layers, whole, strict=True):
            pair = (pair[0], kept) if layer.on_kept else pair
            kept = pair[1] if layer.keeps_input else kept
            chosen.append(pair)
        cost, error = found.evaluate(chosen)
        if cost <= budget:
            best = min(best, error)
    return best


@pytest.mark.parametrize(
    ("layers", "allowed"), [(1, tuple(range(7))), (3, (0, 2, 3, 6)), (6, (0, 3)), (6, (1, 4))]
)
@pytest.mark.parametrize("rules", [PRIVQUANT, SIRNN], ids=lambda rules: rules.name)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_optimum_is_that_of_brute_force(layers, allowed, rules, seed) -> None:
    network = blocks(layers)
    found = made(network, seed, allowed, rules)
    low, high = (
        found.evaluate([(place, place)] * len(network.layers))[0] for place in (allowed[0], allowed[-1])
    )
    for share in (0.1, 0.35, 0.7):
        budget = low + share * (high - low)
        optimum = optimise(found, budget)
        assert optimum.cost <= budget
        assert optimum.error == pytest.approx(brute_force(found, budget, allowed), rel=1e-12)


@pytest.mark.parametrize("name", ["glyph", "resnet18-cifar", "mobilenetv2-cifar", "transformer-block"])
@pytest.mark.parametrize("rules", [PRIVQUANT, SIRNN], ids=lambda rules: rules.name)
def test_what_the_optimum_costs_is_what_the_plan_sends(name, rules) -> None:
    network = network_named(name)
    found = problem(network, rules, equal_sensitivity(network).errors())
    optimum = optimise(found, equal_budgets(found)[2] * 0.9)
    assert plan(network, optimum.widths, rules).bytes == optimum.cost
    assert len(set(optimum.widths)) > 1


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.05, 1.0))
def test_it_is_never_worse_than_equal_or_greedy_widths(seed: int, share: float) -> None:
    found = made(network_named("glyph"), seed, tuple(range(7)))
    low, high = equal_budgets(found)[0], equal_budgets(found)[-1]
    budget = low + share * (high - low)
    optimum = optimise(found, budget)
    for other in (uniform(found, budget), greedy(found, budget)):
        assert other is not None
        assert other.cost <= budget
        assert optimum.error <= other.error + 1e-12


def test_more_bytes_never_err_more() -> None:
    network = network_named("resnet32-cifar")
    found = problem(network, PRIVQUANT, equal_sensitivity(network).errors())
    errors = [optimise(found, budget).error for budget in equal_budgets(found)]
    assert errors == sorted(errors, reverse=True)
    # The widest widths are all that there is, and the narrowest the only ones that fit the least budget.
    assert errors[-1] == pytest.approx(len(network.layers) * 2 * 4.0 ** -CHOICES[-1])


def test_a_budget_of_seconds_is_kept_on_the_link() -> None:
    network = network_named("resnet18-cifar")
    link = LINKS["wan"]
    found = problem(network, PRIVQUANT, equal_sensitivity(network).errors(), second_cost(link))
    optimum = optimise(found, 150.0)
    assert 140 < plan(network, optimum.widths, PRIVQUANT).seconds(link) <= 150


def test_fifty_layers_take_two_seconds() -> None:
    network = network_named("resnet50-imagenet")
    random = np.random.default_rng(0)
    errors = [error * random.uniform(0.1, 10) for error in equal_sensitivity(network).errors()]
    found = problem(network, PRIVQUANT, errors)
    start = time.process_time()
    optimise(found, equal_budgets(found)[2])
    assert time.process_time() - start < 2.0


def test_a_budget_below_everything_says_what_the_least_is() -> None:
    found = made(network_named("glyph"), 0, tuple(range(7)))
    least = cheapest(found)
    assert optimise(found, least.cost).cost == least.cost
    with pytest.raises(AhasdError, match=f"the least is {least.cost:,.6g}"):
        optimise(found, least.cost - 1)


def test_budgets_from_outside() -> None:
    found = made(network_named("glyph"), 0, tuple(range(7)))
    assert read_budget("w4a4", found) == equal_budgets(found)[2]
    assert read_budget("1.5MB", found) == 1.5e6
    assert read_budget("1200", found) == 1200
    for text in ("", "MB", "-3", "nan", "w9a9", "inf"):
        with pytest.raises(AhasdError):
            read_budget(text, found)


def test_sensitivities_from_outside(tmp_path: Path) -> None:
    network = network_named("glyph")
    row = [1.0, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01]
    table = {layer.name: row for layer in network.layers}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"weights": table, "activations": table}))
    assert read_sensitivity(path, network).errors()[0][0, 6] == pytest.approx(1.01)
    for document in (
        {},
        [],
        {"weights": {}, "activations": table},
        {"weights": table | {"first": row[1:]}, "activations": table},
        {"weights": table | {"first": [-1.0, *row[1:]]}, "activations": table},
        {"weights": table | {"first": "abcdefg"}, "activations": table},
    ):
        path.write_text(json.dumps(document))
        with pytest.raises(AhasdError, match="sensitivity file"):
            read_sensitivity(path, network)
