"""Medusa heads in training (arXiv 2401.10774): a residual block each, before the target's own output rows."""

import time
from collections.abc import Iterator

import torch
from transformers import LlamaForCausalLM

from smollm2_heads.batches import Batch, held_out_batches
from smollm2_heads.states import Read

_linear = torch.nn.functional.linear

#: Of AdamW, decaying to zero (ours).
LEARNING_RATE = 1e-3


#: Weight of every further head, of the one before (Medusa, section 2.2.1).
DECAY = 0.8


class MedusaHeads(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """Head i guesses, from the target's state behind a token, the token i places behind the target's own next one.

    Attributes
    ----------
    blocks
        Of each head: state + SiLU(W · state) is what the output rows read, (heads, width, width).
    named, slot_of
        As of `smollm2_heads.one_layer.OneLayer`.
    """

    def __init__(self, target: LlamaForCausalLM, heads: int, named: torch.Tensor) -> None:
        super().__init__()
        width = target.config.hidden_size
        # From zero, each begins as a copy of the target's own output.
        self.blocks = torch.nn.Parameter(torch.zeros(heads, width, width))
        self.register_buffer("head", target.lm_head.weight.detach()[named], persistent=False)
        self.register_buffer("named", named)
        slots = torch.full((target.config.vocab_size,), -1)
        slots[named] = torch.arange(len(named))
        self.register_buffer("slot_of", slots, persistent=False)

    def forward(self, states: torch.Tensor, index: int) -> torch.Tensor:
        """Give a head's logits of the named tokens, (…, named)."""
        return _linear(states + torch.nn.functional.silu(_linear(states, self.blocks[index])), self.head)


def _of_head(batch: Batch, index: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """States, and the target's kept tokens and probabilities behind the token that stands index + 1 later."""
    ahead = index + 1
    known = batch.wanted[:, :-ahead] & batch.wanted[:, ahead:]
    return (
        batch.states[:, :-ahead][known],
        batch.kept_tokens[:, ahead:][known],
        batch.kept_probabilities[:, ahead:][known],
    )


def loss_of_head(heads: MedusaHeads, batch: Batch, index: int) -> torch.Tensor:
    """Give a head's cross-entropy to the target's distribution, over the tokens that it can name."""
    states, kept, p = _of_head(batch, index)
    logits = heads(states, index)
    slots = heads.slot_of[kept]
    weights = p * (slots >= 0)
    normaliser = logits.logsumexp(-1).mul(weights.sum(-1)).sum()
    chosen = (logits.gather(1, slots.clamp_min(0)) * weights).sum()
    return (normaliser - chosen) / weights.sum()


def train_medusa(heads: MedusaHeads, stream: Iterator[Batch], steps: int) -> float:
    """Train for a number of steps, in place; prints the loss twenty times. Gives the CPU seconds."""
    optimizer = torch.optim.AdamW(heads.parameters(), lr=LEARNING_RATE, betas=(0.9, 0.95), weight_decay=0.01)
    begin, every = time.process_time(), max(1, steps // 20)
    count = len(heads.blocks)
    whole = sum(DECAY**index for index in range(count))
    for step in range(steps):
        batch, said = next(stream), 0.0
        for index in range(count):
            loss = loss_of_head(heads, batch, index)
            (loss * DECAY**index / whole).backward()
            said += loss.item() / count
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - step / steps)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if (step + 1) % every == 0:
            seconds = time.process_time() - begin
            print(f"medusa: step {step + 1}/{steps}, loss {said:.3f}, {seconds:.0f} CPU s", flush=True)
    return time.process_time() - begin


def within(heads: MedusaHeads, part: Read, top: int) -> list[list[float]]:
    """Give, by head, the share of places where the text's token is among the first 1, 2, …, `top` candidates."""
    count = len(heads.blocks)
    sums, places = torch.zeros(count, top), torch.zeros(count, 1)
    with torch.inference_mode():
        for batch in held_out_batches(part):
            for index in range(count):
                ahead = index + 1
                known = batch.wanted[:, :-ahead] & batch.wanted[:, ahead:]
                states, truth = batch.states[:, :-ahead][known], batch.following[:, ahead:][known]
                found = heads.named[heads(states, index).topk(top).indices] == truth[:, None]
                sums[index] += found.float().cumsum(1).sum(0)
                places[index] += len(truth)
    shares: list[list[float]] = (sums / places).tolist()
    return shares
