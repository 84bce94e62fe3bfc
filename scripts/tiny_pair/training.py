"""The training loop: Muon for the matrices, AdamW for the rest, one single decay."""

import time
from collections.abc import Iterator

import torch
import torch.nn.functional as F  # noqa: N812 (the name everybody uses)
from transformers import LlamaForCausalLM

from tiny_pair.data import Corpus
from tiny_pair.muon import Muon

WARM_UP = 0.03

#: Weight of the cross-entropy to the teacher's distribution; the rest is cross-entropy to the data.
DISTILLED_SHARE = 0.9


class Optimizers:
    """Muon (0.02, momentum 0.95, weight decay 0.01) and AdamW (3e-3, β 0.9 and 0.95) stepped as one."""

    def __init__(self, model: LlamaForCausalLM) -> None:
        matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
        rest = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
        self._parameters = [*matrices, *rest]
        self._optimizers: list[torch.optim.Optimizer] = [
            Muon(matrices, lr=0.02, momentum=0.95, weight_decay=0.01),
            torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.0),
        ]
        self._rates = [optimizer.param_groups[0]["lr"] for optimizer in self._optimizers]

    def step(self, rate: float) -> None:
        """Clip the gradient's norm at 1 and step with the learning rates multiplied by `rate`."""
        torch.nn.utils.clip_grad_norm_(self._parameters, 1.0)
        for optimizer, full in zip(self._optimizers, self._rates, strict=True):
            optimizer.param_groups[0]["lr"] = full * rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)


def rate_at(step: int, steps: int, decay: bool) -> float:
    """Give the factor on the learning rates: warm-up over 3 %, then 1, then linear to 0 from half way."""
    warm = min(1.0, (step + 1) / max(1.0, WARM_UP * steps))
    return warm * min(1.0, 2 * (steps - step) / steps) if decay else warm


def train(
    name: str,
    model: LlamaForCausalLM,
    batches: Iterator[torch.Tensor],
    steps: int,
    *,
    decay: bool = True,
    teacher: LlamaForCausalLM | None = None,
) -> None:
    """Train for a number of steps, in place; prints the loss ten times.

    Parameters
    ----------
    name
        What the log calls this stage.
    batches
        Token windows of shape (batch, context + 1).
    decay
        False keeps the learning rate up, for a model that another stage goes on with.
    teacher
        A model whose distribution the student learns: 0.9 × cross-entropy to it + 0.1 × to the data.
    """
    model.train()
    optimizers, begin = Optimizers(model), time.process_time()
    for step in range(steps):
        window = next(batches)
        logits = model(window[:, :-1], use_cache=False).logits.flatten(0, 1)
        loss = data_loss = F.cross_entropy(logits, window[:, 1:].flatten())
        if teacher is not None:
            with torch.no_grad():
                wanted = teacher(window[:, :-1], use_cache=False).logits.flatten(0, 1).softmax(-1)
            loss = DISTILLED_SHARE * F.cross_entropy(logits, wanted) + (1 - DISTILLED_SHARE) * data_loss
        loss.backward()
        optimizers.step(rate_at(step, steps, decay))
        if (step + 1) % max(1, steps // 10) == 0:
            seconds = time.process_time() - begin
            print(
                f"{name}: step {step + 1}/{steps}, loss {data_loss.item():.3f}, {seconds:.0f} CPU s",
                flush=True,
            )
    model.eval()


def held_out_loss(model: LlamaForCausalLM, corpus: Corpus) -> float:
    """Give the mean cross-entropy on the held-out files, nats per token."""
    total, count = 0.0, 0
    for window in corpus.held_out_batches():
        with torch.no_grad():
            logits = model(window[:, :-1], use_cache=False).logits.flatten(0, 1)
        total += F.cross_entropy(logits, window[:, 1:].flatten(), reduction="sum").item()
        count += window[:, 1:].numel()
    return total / count
