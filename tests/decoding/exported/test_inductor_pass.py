"""The pass for torch.compile: it compiles, results stay, and inductor's own estimate of the peak falls."""

from collections.abc import Iterator
from shutil import which
from typing import Any

import pytest

from ahasd.decoding.backend import torch
from ahasd.graph_ordering.inductor_pass import LeastPeakPass, scheduling_problem
from ahasd.graph_ordering.peak import live_bytes


class Branches(torch.nn.Module):  # type: ignore[misc]
    """What is kept is made first, and then something as wide for a narrow result: the other way needs half of it."""

    def __init__(self) -> None:
        super().__init__()
        self.kept = torch.nn.Linear(32, 512, bias=False)
        self.wide = torch.nn.Linear(32, 512, bias=False)
        self.narrow = torch.nn.Linear(512, 8, bias=False)

    def forward(self, x: Any) -> Any:
        kept = self.kept(x)
        return kept, self.narrow(self.wide(x)), *torch.topk(x, 2)


class Watched(LeastPeakPass):
    """Notes inductor's estimates before and after, and our own."""

    def __init__(self) -> None:
        super().__init__()
        self.before = self.after = self.ours_before = self.ours_after = -1

    def order(self, nodes: Any, outputs: Any) -> list[Any]:
        from torch._inductor import memory
        from torch._inductor.virtualized import V

        inputs = memory.get_freeable_input_buf(nodes, memory.OrderedSet(V.graph.graph_inputs.keys()))
        ordered = super().order(nodes, outputs)
        self.before, _ = memory.estimate_peak_memory(nodes, inputs, outputs)
        self.after, _ = memory.estimate_peak_memory(ordered, inputs, outputs)
        problem = scheduling_problem(nodes, outputs)
        self.ours_before = live_bytes(problem, range(len(nodes))).peak
        self.ours_after = live_bytes(problem, [list(nodes).index(node) for node in ordered]).peak
        return ordered


@pytest.fixture
def config() -> Iterator[Any]:
    from torch._inductor import config

    with config.patch(reorder_for_peak_memory=False, force_disable_caches=True):
        yield config
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.skipif(which("g++") is None, reason="inductor compiles C++")
def test_it_compiles_and_the_peak_falls_as_inductor_estimates_it(config: Any) -> None:
    torch.manual_seed(0)
    network, x, watched = Branches().eval(), torch.randn(64, 32), Watched()
    with torch.no_grad(), config.patch(_post_fusion_custom_pass=watched):
        compiled = torch.compile(network)(x)
        expected = network(x)
    for ours, theirs in zip(compiled, expected, strict=True):
        torch.testing.assert_close(ours, theirs)
    assert watched.after < 0.6 * watched.before
    assert (watched.before, watched.after) == (watched.ours_before, watched.ours_after)
