"""A tree of heads' guesses in a plan."""

from ahasd.prediction.from_figures.asked_plan import Asked, plan_for
from ahasd.prediction.from_figures.named_models import NamedModel
from ahasd.prediction.from_figures.round_cost import RoundCost
from ahasd.prediction.from_figures.tree_option import NODES, best_tree, usual_heads
from ahasd.report.plan import plan_json, plan_text


def rounds(passes: dict[int, float]):
    return lambda nodes, tokens: RoundCost(1.0, passes[nodes], 0.1, 0.0, nodes, tokens)


def test_the_size_is_that_of_the_highest_speed_up_and_the_interval_holds_it():
    found = best_tree(
        usual_heads(), rounds({n: 1 + 0.05 * n for n in NODES}), lambda mean: (0.9 * mean, 1.1 * mean)
    )
    assert found.nodes == 3
    assert 0.9 * found.speed_up.mean > found.speed_up.low
    assert 1.1 * found.speed_up.mean < found.speed_up.high
    flat = best_tree(usual_heads(), rounds(dict.fromkeys(NODES, 1.1)), lambda mean: (mean, mean))
    assert flat.nodes == 63
    assert abs(flat.speed_up.mean - 2.385 / 1.2) < 0.01


def test_a_plan_names_the_tree_that_heads_would_make_possible():
    asked = Asked("RTX 3090", "", NamedModel("target", "Qwen2.5-14B"), NamedModel("draft", "Qwen2.5-0.5B"))
    plan = plan_for(asked)
    assert plan.tree is not None
    assert plan.tree.speed_up.low < plan.tree.speed_up.mean < plan.tree.speed_up.high
    (line,) = [line for line in plan_text(plan, asked).splitlines() if "medusa tree" in line]
    assert f" {plan.tree.nodes} node" in line
    assert f"{plan.tree.speed_up.low:.2f} to {plan.tree.speed_up.high:.2f}" in line
    document = plan_json(plan, asked)
    assert document["tree"]["nodes"] == plan.tree.nodes
    assert document["tree"]["heads"] == "medusa-7b"
