"""Buffers are never filled anew while a token needs them."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from ahasd.decoding.experts.expert_memory import plan_memory
from ahasd.decoding.experts.reading_thread import ReadingThread
from ahasd.decoding.experts.residency import Residency
from ahasd.errors import AhasdError
from ahasd.experts.cache.lfu import Lfu
from ahasd.experts.cache.lru import Lru

EXPERTS, LAYERS, CHOSEN = 5, 3, 3


def residency(kind, slots, shared, thread):
    memory = plan_memory(8 * (slots * LAYERS + CHOSEN + 1), 8, LAYERS, EXPERTS, CHOSEN + 1)
    assert memory.slots == slots
    caches = [kind(slots * LAYERS)] * LAYERS if shared else [kind(slots) for _ in range(LAYERS)]

    def read(row, expert, slot):
        slot[:] = torch.tensor([row, expert])

    return Residency(caches, EXPERTS, shared, torch.full((memory.buffers, 2), -1), read, thread)


token = st.tuples(
    st.lists(st.integers(0, EXPERTS - 1), min_size=CHOSEN, max_size=CHOSEN, unique=True),
    st.lists(st.tuples(st.integers(0, LAYERS - 1), st.integers(0, EXPERTS - 1)), max_size=4),
)


@given(
    kind=st.sampled_from([Lru, Lfu]),
    slots=st.integers(0, EXPERTS),
    shared=st.booleans(),
    passes=st.lists(token, min_size=1, max_size=20),
)
@settings(max_examples=150, deadline=None)
def test_a_token_finds_its_experts_whatever_else_is_fetched_meanwhile(kind, slots, shared, passes):
    thread = ReadingThread()
    experts = residency(kind, slots, shared, thread)
    try:
        for number, (chosen, ahead) in enumerate(passes):
            row = number % LAYERS
            buffers = experts.take(row, chosen)
            for place in ahead:
                if not experts.resident(*place):
                    experts.prefetch(*place)
            assert len(set(buffers)) == CHOSEN
            for expert, buffer in zip(chosen, buffers, strict=True):
                assert experts.wait(buffer).tolist() == [row, expert]
            experts.done()
    finally:
        thread.close()
    traffic = experts.traffic
    assert sum(traffic.hits) + sum(traffic.misses) == CHOSEN * len(passes)
    assert traffic.prefetched_used <= traffic.prefetched


@given(
    budget=st.integers(0, 10**6),
    size=st.integers(1, 10**4),
    layers=st.integers(1, 40),
    experts=st.integers(1, 64),
)
def test_memory_stays_within_the_budget_and_no_further_slot_would_fit(budget, size, layers, experts):
    working = 3
    if budget < working * size:
        with pytest.raises(AhasdError, match="grant at least that"):
            plan_memory(budget, size, layers, experts, working)
        return
    memory = plan_memory(budget, size, layers, experts, working)
    assert memory.bytes <= budget
    assert memory.slots == experts or memory.bytes + layers * size > budget
