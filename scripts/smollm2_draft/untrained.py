"""Drafts that nobody trains: the target's own first layers, and what the text itself repeats."""

from dataclasses import dataclass

import numpy as np
import torch
from transformers import LlamaForCausalLM

from smollm2_draft.training import held_out_batches, spans
from smollm2_draft.writing import Written


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often a draft's first token would be accepted, along the target's own text.

    Parameters
    ----------
    greedy
        Share of places where it is the target's most likely token.
    sampled
        Mean probability of acceptance at temperature 1 (over the target's kept tokens, so a little too low).
    proposed
        Share of places where the draft proposes anything; the other two are shares of all places.
    """

    greedy: float
    sampled: float
    proposed: float = 1.0


def early_exits(
    target: LlamaForCausalLM, part: Written, layers: list[int], texts: int
) -> dict[int, Agreement]:
    """Let the target's own norm and head read its states after some layers; the first `texts` texts are enough."""
    sums = {layer: np.zeros(2) for layer in layers}
    count = 0
    with torch.inference_mode():
        for index, batch in enumerate(held_out_batches(part, texts=4)):
            if 4 * index >= texts:
                break
            states = target.model(batch.tokens, output_hidden_states=True, use_cache=False).hidden_states
            count += len(batch.following)
            for layer in layers:
                logits = target.lm_head(target.model.norm(states[layer][batch.wanted]))
                q = logits.softmax(-1).gather(1, batch.kept_tokens)
                same = (logits.argmax(-1) == batch.kept_tokens[:, 0]).sum()
                sums[layer] += [same.item(), torch.minimum(q, batch.kept_probabilities).sum().item()]
    return {layer: Agreement(*(total / count).tolist()) for layer, total in sums.items()}


def prompt_lookup(part: Written, longest: int = 3) -> Agreement:
    """Propose what followed the last occurrence of the longest suffix, of 1 to `longest` tokens, in the text so far.

    Source: A. Saxena, "Prompt lookup decoding" (2023).
    """
    greedy, sampled, proposed, count = 0, 0.0, 0, 0
    for start, end, prompt in spans(part):
        tokens = part.tokens[start:end].tolist()
        followers: list[dict[tuple[int, ...], int]] = [{} for _ in range(longest)]
        for place in range(len(tokens) - 1):
            found = None
            for size in range(min(longest, place + 1), 0, -1):
                suffix = tuple(tokens[place - size + 1 : place + 1])
                if found is None:
                    found = followers[size - 1].get(suffix)
                followers[size - 1][suffix] = tokens[place + 1]
            if place < prompt - 1:
                continue
            count += 1
            if found is None:
                continue
            proposed += 1
            kept = part.kept_tokens[start + place]
            greedy += int(kept[0] == found)
            sampled += float(part.kept_probabilities[start + place][kept == found].sum())
    return Agreement(greedy / count, sampled / count, proposed / count)
