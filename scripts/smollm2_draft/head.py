"""The acceptance head of the draft (SpecDec++, arXiv 2405.19715), from the text that was distilled from.

As for the tiny pair, but the target's probabilities are those kept with its text, so it need not run again.
"""

import time
from collections.abc import Iterator

import torch

from ahasd.decoding.models.acceptance_head import AcceptanceHead
from smollm2_draft.student import Student
from smollm2_draft.training import Batch
from tiny_pair.acceptance_head import MIXING, weighted_loss

#: Of AdamW, decaying to zero (ours).
LEARNING_RATE = 1e-3


def train_head(student: Student, stream: Iterator[Batch], steps: int, seed: int) -> AcceptanceHead:
    """Train a head on the frozen draft; prints the loss ten times.

    At every place the draft draws a proposal Y, accepted with min(1, p/q); what the target did not keep counts as
    never accepted. The head reads the states over the proposals, a share of which is replaced by the text.
    """
    draws = torch.Generator().manual_seed(seed)
    head = AcceptanceHead(student.width)
    optimizer = torch.optim.AdamW(head.parameters(), lr=LEARNING_RATE)
    begin = time.process_time()
    for step in range(steps):
        batch = next(stream)
        with torch.no_grad():
            q = student(batch.tokens, batch.wanted).softmax(-1)
            slot = torch.multinomial(q, 1, generator=draws)
            proposed, probability = student.named[slot], q.gather(1, slot)[:, 0]
            p = (batch.kept_probabilities * (batch.kept_tokens == proposed)).sum(-1)
            replaced = torch.rand(len(p), generator=draws) < MIXING
            # A proposal behind place i is read at place i + 1.
            read = batch.wanted.roll(1, dims=1)
            tokens = batch.tokens.clone()
            tokens[read] = torch.where(replaced, batch.following, proposed[:, 0])
            states = student.states(tokens, read)
        kept = ~replaced
        loss = weighted_loss(head(states[kept], probability[kept]), (p / probability).clamp_max(1.0)[kept])
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - step / steps)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        if (step + 1) % max(1, steps // 10) == 0:
            seconds = time.process_time() - begin
            print(f"head: step {step + 1}/{steps}, loss {loss.item():.4f}, {seconds:.0f} CPU s", flush=True)
    head.eval()
    return head
