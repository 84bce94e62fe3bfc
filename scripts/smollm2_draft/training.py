"""Distillation from the target's own text, and how much of a student's text the target would accept."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from smollm2_draft.student import Student
from smollm2_draft.writing import Written
from tiny_pair.muon import Muon

#: Weight of the cross-entropy to the target's distribution; the rest is cross-entropy to its text.
DISTILLED_SHARE = 0.9

WARM_UP = 0.03

#: Tokens of one batch, padding included; more small steps get further than fewer large ones.
BATCH_TOKENS = 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts of about one length, padded on the right.

    Attributes
    ----------
    tokens
        (texts, length).
    wanted
        Where the target's distribution is known, (texts, length), bool.
    following
        The token that came next there, (places,).
    kept_tokens, kept_probabilities
        Of the target, (places, kept).
    """

    tokens: torch.Tensor
    wanted: torch.Tensor
    following: torch.Tensor
    kept_tokens: torch.Tensor
    kept_probabilities: torch.Tensor


def batches(parts: list[Written], seed: int) -> Iterator[Batch]:
    """Yield batches of texts of about one length, pass after pass, for ever."""
    rng = np.random.Generator(np.random.PCG64(seed))
    texts = [(part, *span) for part in parts for span in spans(part)]
    while True:
        # A little noise on the lengths, so that no two passes group the texts alike.
        order = np.argsort([(end - start) * rng.uniform(0.9, 1.1) for _, start, end, _ in texts])
        groups: list[list[int]] = [[]]
        for index in order:
            longest = texts[index][2] - texts[index][1]
            if groups[-1] and (len(groups[-1]) + 1) * longest > BATCH_TOKENS:
                groups.append([])
            groups[-1].append(int(index))
        for group in rng.permutation(len(groups)):
            yield _batch([texts[index] for index in groups[group]])


def held_out_batches(part: Written, texts: int = 16) -> Iterator[Batch]:
    """Yield every text once, so many at a time."""
    all_texts = [(part, *span) for span in spans(part)]
    for start in range(0, len(all_texts), texts):
        yield _batch(all_texts[start : start + texts])


def spans(part: Written) -> Iterator[tuple[int, int, int]]:
    """Give begin and end of every text, and the length of its prompt."""
    start = 0
    for length, prompt in zip(part.lengths, part.prompt_lengths, strict=True):
        yield start, start + int(length), int(prompt)
        start += int(length)


def _batch(texts: list[tuple[Written, int, int, int]]) -> Batch:
    longest = max(end - start for _, start, end, _ in texts)
    tokens = np.zeros((len(texts), longest), np.int64)
    wanted = np.zeros((len(texts), longest), bool)
    following, kept_tokens, kept_probabilities = [], [], []
    for row, (part, start, end, prompt) in enumerate(texts):
        tokens[row, : end - start] = part.tokens[start:end]
        wanted[row, prompt - 1 : end - start - 1] = True
        places = slice(start + prompt - 1, end - 1)
        following.append(part.tokens[start + prompt : end].astype(np.int64))
        kept_tokens.append(part.kept_tokens[places].astype(np.int64))
        kept_probabilities.append(part.kept_probabilities[places].astype(np.float32))
    return Batch(
        torch.from_numpy(tokens),
        torch.from_numpy(wanted),
        torch.from_numpy(np.concatenate(following)),
        torch.from_numpy(np.concatenate(kept_tokens)),
        torch.from_numpy(np.concatenate(kept_probabilities)),
    )


def frequent_tokens(parts: list[Written], count: int, always: list[int]) -> torch.Tensor:
    """Give the tokens that hold most of the target's probability, ascending.

    Tokens that never occurred come last, the lower ones (the earlier merges, more frequent in what the tokenizer was
    trained on) before the higher.
    """
    mass = np.zeros(2**16)
    for part in parts:
        np.add.at(mass, part.kept_tokens.ravel(), part.kept_probabilities.ravel().astype(np.float64))
    mass[always] = np.inf
    order = np.lexsort((np.arange(len(mass)), -mass))[:count]
    return torch.from_numpy(np.sort(order))


def train(
    name: str, student: Student, stream: Iterator[Batch], steps: int, *, matrix_rate: float, muon: bool
) -> float:
    """Train for a number of steps, in place; prints the loss twenty times.

    Parameters
    ----------
    matrix_rate
        Learning rate of the matrices of the layers; norms and projections take 1e-3.
    muon
        Muon for those matrices (a stack from noise), or else AdamW (copied layers).

    Returns
    -------
    float
        CPU seconds.
    """
    matrices = [p for p in student.body.parameters() if p.ndim == 2]
    others = [p for p in student.parameters() if not any(p is matrix for matrix in matrices)]
    optimizers: list[torch.optim.Optimizer] = [
        Muon(matrices, lr=matrix_rate, momentum=0.95, weight_decay=0.01)
        if muon
        else torch.optim.AdamW(matrices, lr=matrix_rate, betas=(0.9, 0.95), weight_decay=0.01),
        torch.optim.AdamW(others, lr=1e-3, betas=(0.9, 0.95), weight_decay=0.0),
    ]
    rates = [optimizer.param_groups[0]["lr"] for optimizer in optimizers]
    student.train()
    begin, total = time.process_time(), 0.0
    for step in range(steps):
        loss = distillation_loss(student, next(stream))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        factor = min(1.0, (step + 1) / max(1.0, WARM_UP * steps)) * min(1.0, 2 * (steps - step) / steps)
        for optimizer, rate in zip(optimizers, rates, strict=True):
            optimizer.param_groups[0]["lr"] = rate * factor
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        total += loss.item()
        every = max(1, steps // 20)
        if (step + 1) % every == 0:
            seconds = time.process_time() - begin
            print(
                f"{name}: step {step + 1}/{steps}, loss {total / every:.3f}, {seconds:.0f} CPU s", flush=True
            )
            total = 0.0
    student.eval()
    return time.process_time() - begin


def distillation_loss(student: Student, batch: Batch) -> torch.Tensor:
    """Cross-entropy to the target's distribution and to its text, over the tokens that the student can name."""
    logits = student(batch.tokens, batch.wanted)
    normaliser = logits.logsumexp(-1)
    slots = student.slot_of[batch.kept_tokens]
    log_probabilities = logits.gather(1, slots.clamp_min(0)) - normaliser[:, None]
    weights = batch.kept_probabilities * (slots >= 0)
    to_target = -(weights * log_probabilities).sum() / weights.sum()
    slot = student.slot_of[batch.following]
    known = slot >= 0
    to_text = (normaliser - logits.gather(1, slot.clamp_min(0)[:, None])[:, 0])[known].mean()
    return DISTILLED_SHARE * to_target + (1 - DISTILLED_SHARE) * to_text


def acceptance(student: Student, part: Written) -> tuple[float, float]:
    """Give how much of the first draft tokens the target accepts, along its own text.

    Returns
    -------
    greedy, sampled
        Share of places where both have the same most likely token; mean of Σ min(p, q) over the target's kept
        tokens (so a little too low).
    """
    greedy, sampled, count = 0.0, 0.0, 0
    with torch.inference_mode():
        for batch in held_out_batches(part):
            q = student(batch.tokens, batch.wanted).softmax(-1)
            slots = student.slot_of[batch.kept_tokens]
            chosen = q.gather(1, slots.clamp_min(0)) * (slots >= 0)
            sampled += torch.minimum(batch.kept_probabilities, chosen).sum().item()
            greedy += (student.named[q.argmax(-1)] == batch.kept_tokens[:, 0]).sum().item()
            count += len(q)
    return greedy / count, sampled / count
