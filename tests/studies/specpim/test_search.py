"""The searches: against brute force, by seeds, and under budgets."""

from dataclasses import fields
from itertools import product

import numpy as np
import pytest

from ahasd.errors import AhasdError
from ahasd.experiments.search.constraint import Constraint
from ahasd.hardware.mapping.best_mapping import Side
from ahasd.studies.specpim.costs import Costs
from ahasd.studies.specpim.dataflow import Gene
from ahasd.studies.specpim.evaluator import OBJECTIVES, Bench, Evaluator
from ahasd.studies.specpim.genetic import MUTATIONS, Effort, crossover, genetic_search, new_device
from ahasd.studies.specpim.machine import Machine
from ahasd.studies.specpim.peers import exhaustive_search, optuna_search, random_search
from ahasd.studies.specpim.scenario import Scenario
from ahasd.studies.specpim.space import Architectures, Space, full_space, reduced_space
from ahasd.studies.specpim.work import work_of

SCENARIO = Scenario("opt-1.3b:opt-6.7b", 4, 0.7, 512, 1)
UNITS = work_of(SCENARIO).units
MACHINES = Architectures(
    stacks=(2, 8), units_per_bank=(0.5, 1.0), pim_clock=(1.0,), host_share=(0.5,), host_clock=(1.0,)
).machines()
BENCH = Bench(SCENARIO)
SMALL = reduced_space(MACHINES, UNITS)
FULL = full_space(MACHINES, UNITS)


def evaluator(space: Space, objective: str = "speed") -> Evaluator:
    return Evaluator(space, BENCH, OBJECTIVES[objective])


def brute_force(objective: str) -> float:
    """The least of all machines and all kinds of channel for each part of each model."""
    parts = list(dict.fromkeys((unit.model, unit.part) for unit in UNITS))
    best = float("inf")
    for machine in MACHINES:
        costs = Costs(machine.hardware, SCENARIO)
        for sides in product(Side, repeat=len(parts)):
            chosen = dict(zip(parts, sides, strict=True))
            found = costs.figures([Gene(chosen[unit.model, unit.part]) for unit in UNITS])
            if found.excess_bytes == 0:
                best = min(best, OBJECTIVES[objective](found))
    return best


@pytest.mark.parametrize("objective", ["speed", "energy"])
def test_genetic_and_exhaustive_search_find_the_optimum_of_a_small_space(objective: str) -> None:
    optimum = brute_force(objective)
    every, genetic = evaluator(SMALL, objective), evaluator(SMALL, objective)
    exhaustive_search(every)
    assert every.asked == SMALL.points == len(MACHINES) * 2**8
    genetic_search(genetic, Effort(60, 20, 20), 0)
    for search in (every, genetic):
        found = search.best()
        assert found is not None
        assert OBJECTIVES[objective](found.figures) == pytest.approx(optimum, rel=1e-12)


def test_chance_and_optuna_propose_as_often_as_they_may_and_find_nothing_below_the_optimum() -> None:
    pytest.importorskip("optuna")
    optimum = brute_force("speed")
    drawn, proposed = evaluator(SMALL), evaluator(SMALL)
    random_search(drawn, 40, 0)
    optuna_search(proposed, 40, 0)
    assert drawn.asked == proposed.asked == 40  # these machines are all combinations of their fields
    for search in (drawn, proposed):
        found = search.best()
        assert found is not None
        assert found.figures.seconds_per_token >= optimum


def test_a_seed_gives_the_same_search_again_and_another_seed_another() -> None:
    tried = []
    for seed in (0, 0, 1):
        search = evaluator(FULL)
        genetic_search(search, Effort(20, 3, 10), seed)
        tried.append(list(search.tried))
    assert tried[0] == tried[1]
    assert tried[0] != tried[2]


def test_what_a_search_begins_with_it_does_not_lose() -> None:
    coarse = evaluator(SMALL)
    exhaustive_search(coarse)
    best = coarse.best()
    assert best is not None
    start = type(best.point)(best.point.machine, tuple(SMALL.expanded(best.point)))
    fine = evaluator(FULL)
    genetic_search(fine, Effort(10, 1, 5), 0, [start])
    found = fine.best()
    assert found is not None
    assert found.figures.seconds_per_token <= best.figures.seconds_per_token


def test_the_front_is_beaten_by_nothing_and_leaves_nothing_out() -> None:
    search = evaluator(FULL)
    random_search(search, 200, 0)
    both = lambda figures: (figures.seconds_per_token, figures.joules_per_token)  # noqa: E731
    front = [both(one.figures) for one in search.front()]
    fitting = [both(figures) for figures in search.tried.values() if figures.fits]
    for point in fitting:
        beaten = any(a <= point[0] and b <= point[1] and (a, b) != point for a, b in fitting)
        assert (point in front) == (not beaten)


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_stays_in_the_space_and_changes_what_it_is_for(mutation) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(0)
    changed = set()
    for _ in range(300):
        point = FULL.random(rng)
        other = mutation(FULL, point, rng)
        assert other.machine in FULL.machines
        if other.machine != point.machine:
            changed.add("machine")
        for group, (old, new) in enumerate(zip(point.genes, other.genes, strict=True)):
            assert new.side in FULL.sides(group)
            assert not new.joined or FULL.may_join(group)
            changed |= {name for name in Gene._fields if getattr(old, name) != getattr(new, name)}
    assert (
        changed
        == {
            "new_device": {"machine"},
            "new_access_groups": {"host_window"},
            "new_channels": {"pim_window"},
            "new_strata": {"joined"},
            "new_operator_mapping": {"side", "division"},
        }[mutation.__name__]
    )


def test_a_new_device_differs_in_one_field() -> None:
    rng = np.random.default_rng(0)
    names = [field.name for field in fields(Machine)]
    for _ in range(50):
        start = FULL.random(rng)
        other = new_device(FULL, start, rng).machine
        assert sum(getattr(other, name) != getattr(start.machine, name) for name in names) == 1


def test_where_no_machine_differs_in_one_field_it_is_any() -> None:
    lone = full_space((Machine("hbm", 2, 0.5), Machine("gddr6", 8, 1.0)), UNITS)
    rng = np.random.default_rng(0)
    start = lone.random(rng)
    assert {new_device(lone, start, rng).machine for _ in range(30)} == set(lone.machines)


def test_crossover_takes_front_groups_of_one_and_back_groups_of_the_other() -> None:
    rng = np.random.default_rng(0)
    first, second = FULL.random(rng), FULL.random(rng)
    cuts = set()
    for _ in range(200):
        child = crossover(first, second, rng)
        assert child.machine in (first.machine, second.machine)
        cut = next(c for c in range(len(UNITS) + 1) if child.genes == first.genes[:c] + second.genes[c:])
        cuts.add(cut)
    assert len(cuts) > len(UNITS) // 2


@pytest.mark.parametrize(("verification", "side"), [("host", Side.HOST), ("pim", Side.PIM)])
def test_verification_by_one_side_keeps_the_target_there(verification, side) -> None:  # type: ignore[no-untyped-def]
    space = full_space(MACHINES, UNITS, verification)
    search = evaluator(space)
    genetic_search(search, Effort(20, 3, 10), 0)
    for point in search.tried:
        genes = space.expanded(point)
        assert all(g.side is side for g, unit in zip(genes, UNITS, strict=True) if unit.model == "target")


def test_budgets_keep_machines_within_them() -> None:
    budgets = (Constraint("area_mm2", most=2020), Constraint("power_w", most=700))
    machines = Architectures(budgets=budgets).machines()
    assert 0 < len(machines) < 384
    assert all(m.figures["area_mm2"] <= 2020 and m.figures["power_w"] <= 700 for m in machines)


def test_budgets_that_leave_nothing_name_the_one_that_excludes_all() -> None:
    tight = Architectures(budgets=(Constraint("area_mm2", most=2020), Constraint("power_w", most=5)))
    with pytest.raises(AhasdError, match=r"power_w <= 5 excludes all of them \(nearest"):
        tight.machines()


def test_budgets_that_only_together_leave_nothing_say_so() -> None:
    values = {"memory": ("hbm",), "pim_clock": (1.0,), "host_clock": (1.0,), "units_per_bank": (0.5,)}
    small = Architectures(stacks=(2, 8), host_share=(0.25, 1.0), **values)
    machines = small.machines()
    power = min(m.figures["power_w"] for m in machines)
    area = max(m.figures["area_mm2"] for m in machines)
    budgets = (Constraint("power_w", most=power + 1), Constraint("area_mm2", least=area - 1))
    with pytest.raises(AhasdError, match="no condition excludes all of them by itself"):
        Architectures(stacks=(2, 8), host_share=(0.25, 1.0), **values, budgets=budgets).machines()


def test_too_large_a_space_is_not_tried_point_by_point() -> None:
    with pytest.raises(AhasdError, match="at most 200000 are all tried"):
        exhaustive_search(evaluator(FULL))
