"""Training the acceptance head of a draft (SpecDec++, arXiv 2405.19715, section 3 and the authors' code).

The target writes texts X. At every position the draft proposes a token Y after X's prefix, and its label is
min(1, p(Y)/q(Y)). The head learns on the draft's states over Z, which is Y with a share of the tokens replaced by
those of X, so that what stands before a token looks like what decoding meets; replaced tokens have no label.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from transformers import DynamicCache, LlamaForCausalLM

from ahasd.decoding.models.acceptance_head import AcceptanceHead
from tiny_pair.data import CONTEXT, Corpus
from tiny_pair.training import WARM_UP

#: Share of the draft's tokens that are replaced by the target's (published).
MIXING = 0.15

#: Weight of rejections in the loss (published).
REJECTION_WEIGHT = 6.0

#: Published: 3, over a hundred times the text; here every one draws its own Y and replacements (ours).
EPOCHS = 9

#: Tokens of the training files that the target continues to the end of the context (ours).
PROMPT = 56

TEXTS = 512
BATCH = 8
GENERATION_BATCH = 128

#: Of AdamW, with warm-up and a cosine to zero as published; TEXTS, BATCH and this are ours.
LEARNING_RATE = 1e-3


@dataclass(frozen=True, slots=True)
class Proposals:
    """What the draft proposes behind the prompts; every tensor is (texts, context − PROMPT).

    Attributes
    ----------
    tokens
        Y.
    probability
        The draft's probability q(Y).
    acceptance
        min(1, p(Y)/q(Y)).
    """

    tokens: torch.Tensor
    probability: torch.Tensor
    acceptance: torch.Tensor


def write_texts(target: LlamaForCausalLM, corpus: Corpus, texts: int, seed: int) -> torch.Tensor:
    """Let the target continue random pieces of the training files, sampled at temperature 1.

    Returns
    -------
    torch.Tensor
        Token ids (texts, context), the first `PROMPT` of each from the files.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    draws = torch.Generator().manual_seed(seed)
    starts = rng.integers(0, len(corpus.train) - PROMPT, size=texts)
    prompts = torch.from_numpy(np.stack([corpus.train[start : start + PROMPT] for start in starts]))
    written = []
    for prompt in prompts.split(GENERATION_BATCH):
        cache, text, step = DynamicCache(), [prompt], prompt
        for _ in range(CONTEXT - PROMPT):
            with torch.no_grad():
                logits = target(step, past_key_values=cache, use_cache=True).logits[:, -1]
            step = torch.multinomial(logits.softmax(-1), 1, generator=draws)
            text.append(step)
        written.append(torch.cat(text, dim=1))
    return torch.cat(written)


def propose(
    target: LlamaForCausalLM, draft: LlamaForCausalLM, text: torch.Tensor, draws: torch.Generator
) -> Proposals:
    """Draw the draft's proposal at every position behind the prompt, and say how likely it is accepted.

    Parameters
    ----------
    text
        X, token ids (texts, context).
    """
    with torch.no_grad():
        q = draft(text, use_cache=False).logits[:, PROMPT - 1 : -1].softmax(-1)
        p = target(text, use_cache=False).logits[:, PROMPT - 1 : -1].softmax(-1)
    tokens = torch.multinomial(q.flatten(0, 1), 1, generator=draws).view(*q.shape[:2], 1)
    p, q = p.gather(2, tokens), q.gather(2, tokens)
    return Proposals(tokens[..., 0], q[..., 0], (p / q)[..., 0].clamp_max(1.0))


def weighted_loss(logits: torch.Tensor, acceptance: torch.Tensor) -> torch.Tensor:
    """Cross-entropy to soft labels, rejections weighted, divided by the weights.

    Parameters
    ----------
    logits
        Of rejection and acceptance, (tokens, 2).
    acceptance
        Labels in [0, 1], (tokens,).
    """
    weight = torch.stack([REJECTION_WEIGHT * (1 - acceptance), acceptance], dim=-1)
    return -(weight * logits.log_softmax(-1)).sum() / weight.sum()


def train_head(
    name: str,
    target: LlamaForCausalLM,
    draft: LlamaForCausalLM,
    texts: torch.Tensor,
    seed: int,
) -> AcceptanceHead:
    """Train a head on the frozen draft; prints the loss ten times.

    Parameters
    ----------
    name
        What the log calls this stage.
    texts
        What `write_texts` gave, (texts, context).
    """
    torch.manual_seed(seed)
    draws = torch.Generator().manual_seed(seed + 1)
    head = AcceptanceHead(draft.config.hidden_size)
    optimizer = torch.optim.AdamW(head.parameters(), lr=LEARNING_RATE)
    steps, begin = EPOCHS * -(-len(texts) // BATCH), time.process_time()
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    for step, text in enumerate(_batches(texts, draws)):
        proposals = propose(target, draft, text, draws)
        replaced = torch.rand(proposals.tokens.shape, generator=draws) < MIXING
        mixed = torch.where(replaced, text[:, PROMPT:], proposals.tokens)
        with torch.no_grad():
            read = torch.cat([text[:, :PROMPT], mixed], dim=1)
            states = draft(read, use_cache=False, output_hidden_states=True).hidden_states[-1][:, PROMPT:]
        kept = ~replaced
        logits = head(states[kept], proposals.probability[kept])
        loss = weighted_loss(logits, proposals.acceptance[kept])
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        schedule.step()
        if (step + 1) % max(1, steps // 10) == 0:
            seconds = time.process_time() - begin
            print(f"{name}: step {step + 1}/{steps}, loss {loss.item():.4f}, {seconds:.0f} CPU s", flush=True)
    head.eval()
    return head


def _rate(step: int, steps: int) -> float:
    warm = max(1.0, WARM_UP * steps)
    return min((step + 1) / warm, 0.5 * (1 + float(np.cos(np.pi * min(1.0, step / steps)))))


def _batches(texts: torch.Tensor, draws: torch.Generator) -> Iterator[torch.Tensor]:
    for _ in range(EPOCHS):
        yield from texts[torch.randperm(len(texts), generator=draws)].split(BATCH)
