"""Programs of torch.export, run in many orders: what lives is what was predicted, and no output changes a bit."""

import random
from pathlib import Path
from typing import Any

import pytest

from ahasd.decoding.backend import torch
from ahasd.decoding.exported.check import execute_file, inputs_of, same_bits
from ahasd.decoding.exported.execution import execute
from ahasd.decoding.exported.graph import graph_of, read_exported
from ahasd.decoding.exported.program import steps_of
from ahasd.errors import AhasdError
from ahasd.graph_ordering.order import find_order
from ahasd.graph_ordering.peak import live_bytes
from ahasd.graph_ordering.problem import Aliases, OrderingProblem, ordering_problem
from ahasd.workload.value import ValueKind


class Cell(torch.nn.Module):  # type: ignore[misc]
    """Convolutions side by side, a call that writes in place, views, and a result of several tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(3, 8, 3, padding=1)
        self.left = torch.nn.Conv2d(8, 8, 3, padding=1)
        self.right = torch.nn.Conv2d(8, 16, 1)
        self.norm = torch.nn.BatchNorm2d(8)
        self.last = torch.nn.Linear(24, 5)

    def forward(self, x: Any) -> Any:
        x = torch.relu_(self.norm(self.first(x)))
        halves = x.chunk(2, 1)
        y = torch.cat([self.left(x), self.right(x)], 1).mean((2, 3)).view(-1, 24)
        return self.last(y), halves[0] + halves[1]


class Counting(torch.nn.Module):  # type: ignore[misc]
    """Writes into a buffer, into what others read under an older name, and reads nothing of one input."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("count", torch.zeros(3))

    def forward(self, x: Any, unread: Any) -> Any:
        y = x * 2
        y.add_(1)
        y.view(-1).mul_(3)
        self.count.add_(1)
        return y + self.count, x.reshape(-1)


class Residual(torch.nn.Module):  # type: ignore[misc]
    """Attention beside a gate."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = torch.nn.Linear(16, 48)
        self.gate = torch.nn.Sequential(torch.nn.Linear(16, 64), torch.nn.GELU(), torch.nn.Linear(64, 16))

    def forward(self, x: Any) -> Any:
        q, k, v = (part.unflatten(-1, (2, 8)).transpose(1, 2) for part in self.qkv(x).split(16, -1))
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
        return torch.nn.functional.layer_norm(x + y + self.gate(x), (16,))


NETWORKS = {
    "cell": (Cell, (torch.ones(2, 3, 16, 16).cumsum(-1),)),
    "counting": (Counting, (torch.arange(6.0).reshape(2, 3), torch.zeros(4))),
    "residual": (Residual, (torch.linspace(-1, 1, 160).reshape(2, 5, 16),)),
}


def exported(name: str) -> Any:
    torch.manual_seed(0)
    made, inputs = NETWORKS[name]
    return torch.export.export(made().eval(), inputs)


def drawn_order(problem: OrderingProblem, seed: int) -> list[int]:
    rng, order = random.Random(seed), []
    while len(order) < problem.nodes:
        ran = set(order)
        ready = [n for n in range(problem.nodes) if n not in ran and problem.predecessors[n] <= ran]
        order.append(rng.choice(ready))
    return order


@pytest.mark.parametrize("name", NETWORKS)
def test_in_every_order_as_many_bytes_live_as_predicted_and_outputs_keep_their_bits(name: str) -> None:
    steps = steps_of(exported(name), name)
    problem, inputs = ordering_problem(graph_of(steps)), inputs_of(steps)
    given = execute(steps, range(problem.nodes), inputs)
    for seed in range(20):
        order = drawn_order(problem, seed) if seed else list(find_order(problem).order)
        ran = execute(steps, order, inputs)
        assert ran.live_bytes == live_bytes(problem, order).during
        assert same_bits(given.outputs, ran.outputs)


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_are_those_of_the_model(name: str) -> None:
    program = exported(name)
    steps = steps_of(program, name)
    ran = execute(steps, range(len(steps.calls)), inputs_of(steps))
    returned = program.module()(*NETWORKS[name][1])
    expected = returned if isinstance(returned, tuple) else (returned,)
    found = [
        ran.outputs[output] for output in steps.program.graph_signature.user_outputs if output in ran.outputs
    ]
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_other_bits_are_noticed() -> None:
    value = torch.tensor([0.0, float("nan")])
    assert same_bits({"y": value}, {"y": value.clone()})
    assert not same_bits({"y": value}, {"y": torch.tensor([-0.0, float("nan")])})


def test_a_file_is_read_ordered_and_run(tmp_path: Path) -> None:
    path = tmp_path / "cell.pt2"
    torch.export.save(exported("cell"), path)
    graph = read_exported(path)
    found = find_order(ordering_problem(graph))
    ran = execute_file(path, found.order)
    assert ran.peak_bytes == found.peak_bytes
    assert ran.outputs_equal
    assert "as predicted; outputs have the same bits" in ran.sentence(found.peak_bytes)
    assert "not the 1 that were predicted" in ran.sentence(1)
    kinds = [value.kind for value in graph.values.values()]
    assert kinds.count(ValueKind.INPUT) == 1
    assert kinds.count(ValueKind.OUTPUT) == 2


def test_views_take_nothing_where_they_are_free() -> None:
    graph = graph_of(steps_of(exported("cell"), "cell"))
    views = [value for value in graph.values.values() if value.alias_of is not None]
    assert views
    copied, free = ordering_problem(graph), ordering_problem(graph, Aliases.VIEWS)
    assert sum(b.bytes for b in copied.blocks) - sum(b.bytes for b in free.blocks) == sum(
        v.bytes for v in views
    )


def test_what_cannot_be_ordered_is_refused_by_name(tmp_path: Path) -> None:
    class Either(torch.nn.Module):  # type: ignore[misc]
        def forward(self, x: Any) -> Any:
            return torch.cond(x.sum() > 0, lambda x: x + 1, lambda x: x - 1, (x,))

    program = torch.export.export(Either(), (torch.ones(2),))
    with pytest.raises(AhasdError, match=r"either: node .* holds a graph of its own"):
        steps_of(program, "either")
    open_ = torch.export.export(
        torch.nn.ReLU(), (torch.ones(4, 2),), dynamic_shapes=({0: torch.export.Dim("batch")},)
    )
    with pytest.raises(AhasdError, match=r"open lengths .*; export the model with static shapes"):
        steps_of(open_, "open")
    broken = tmp_path / "broken.pt2"
    broken.write_bytes(b"PK broken")
    with pytest.raises(AhasdError, match=r"broken\.pt2 is no program of torch\.export"):
        read_exported(broken)
    steps = steps_of(exported("cell"), "cell")
    with pytest.raises(AhasdError, match="names each of them once"):
        execute(steps, [0], inputs_of(steps))
    with pytest.raises(AhasdError, match="runs before what makes"):
        execute(steps, range(len(steps.calls))[::-1], inputs_of(steps))
