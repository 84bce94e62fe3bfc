"""Distillation of the draft of one layer."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from smollm2_heads.batches import Batch
from smollm2_heads.one_layer import OneLayer
from tiny_pair.muon import Muon

#: Weights of the three parts of the loss (ours): cross-entropy to the target's distribution, to its text, and the
#: distance to its states.
TO_TARGET, TO_TEXT, TO_STATES = 0.9, 0.1, 0.1

#: Weight of every further step, of the one before.
DECAY = 0.8

WARM_UP = 0.03


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a draft is trained.

    Parameters
    ----------
    steps
        Batches.
    unrolled, unrolled_from
        Steps of its own that the draft is trained on, from this share of the training on; one until then.
    layer_rate
        Learning rate of the layer's matrices, by Muon.
    ends_rate
        Of what token and state are projected with, by AdamW; they begin near their best.
    """

    steps: int
    unrolled: int
    unrolled_from: float
    layer_rate: float
    ends_rate: float


def train(name: str, draft: OneLayer, stream: Iterator[Batch], schedule: Schedule) -> float:
    """Train in place; prints the loss forty times. Gives the CPU seconds."""
    steps = schedule.steps
    ends = [draft.token_in, draft.state_in]
    matrices = [p for p in draft.parameters() if p.ndim == 2 and not any(p is end for end in ends)]
    norms = [p for p in draft.parameters() if p.ndim == 1]
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices, lr=schedule.layer_rate, momentum=0.95, weight_decay=0.01),
        torch.optim.AdamW(ends, lr=schedule.ends_rate, betas=(0.9, 0.95), weight_decay=0.0),
        torch.optim.AdamW(norms, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    begin, total, every = time.process_time(), 0.0, max(1, steps // 40)
    for step in range(steps):
        own = schedule.unrolled if step >= schedule.unrolled_from * steps else 1
        loss, first = loss_of(draft, next(stream), own)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(draft.parameters(), 1.0)
        factor = min(1.0, (step + 1) / max(1.0, WARM_UP * steps)) * min(1.0, 1.5 * (steps - step) / steps)
        for optimizer, rate in zip(optimizers, rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        total += first
        if (step + 1) % every == 0:
            seconds = time.process_time() - begin
            print(
                f"{name}: step {step + 1}/{steps}, loss {total / every:.3f}, {seconds:.0f} CPU s", flush=True
            )
            total = 0.0
    return time.process_time() - begin


def loss_of(draft: OneLayer, batch: Batch, steps: int) -> tuple[torch.Tensor, float]:
    """Give the loss over all steps, and that of the first step's logits alone."""
    total, weight, first, whole = torch.zeros(()), 1.0, 0.0, 0.0
    for index, states in enumerate(draft.unrolled(batch.tokens, batch.states, steps)):
        wanted = batch.wanted
        logits = torch.nn.functional.linear(states[wanted], draft.head)
        loss = distillation_loss(draft, logits, batch, wanted)
        if index == 0:
            first = loss.item()
        distance = torch.nn.functional.smooth_l1_loss(states[wanted], batch.states[wanted])
        total = total + weight * (loss + TO_STATES * distance)
        whole, weight = whole + weight, weight * DECAY
    return total / whole, first


def distillation_loss(
    draft: OneLayer, logits: torch.Tensor, batch: Batch, wanted: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy to the target's distribution and to its text, over the tokens that the draft can name."""
    normaliser = logits.logsumexp(-1)
    slots = draft.slot_of[batch.kept_tokens[wanted]]
    log_probabilities = logits.gather(1, slots.clamp_min(0)) - normaliser[:, None]
    weights = batch.kept_probabilities[wanted] * (slots >= 0)
    to_target = -(weights * log_probabilities).sum() / weights.sum()
    slot = draft.slot_of[batch.following[wanted]]
    known = slot >= 0
    to_text = (normaliser - logits.gather(1, slot.clamp_min(0)[:, None])[:, 0])[known].mean()
    return TO_TARGET * to_target + TO_TEXT * to_text
