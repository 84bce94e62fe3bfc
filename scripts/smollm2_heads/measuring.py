"""How much of what the draft of one layer proposes the target would accept."""

import torch

from smollm2_heads.batches import held_out_batches
from smollm2_heads.one_layer import OneLayer
from smollm2_heads.states import Read


def acceptance(draft: OneLayer, part: Read, steps: int) -> list[tuple[float, float]]:
    """Give how much the target would accept of step 1, 2, …, the steps before having proposed its own text.

    Returns
    -------
    list of (greedy, sampled)
        Share of places where both have the same most likely token; mean of Σ min(p, q) over the target's kept
        tokens (so a little too low).
    """
    sums, count = torch.zeros(steps, 2), 0
    with torch.inference_mode():
        for batch in held_out_batches(part):
            kept, p = batch.kept_tokens[batch.wanted], batch.kept_probabilities[batch.wanted]
            slots = draft.slot_of[kept]
            count += len(kept)
            for step, states in enumerate(draft.unrolled(batch.tokens, batch.states, steps)):
                q = torch.nn.functional.linear(states[batch.wanted], draft.head).softmax(-1)
                chosen = q.gather(1, slots.clamp_min(0)) * (slots >= 0)
                sums[step, 1] += torch.minimum(p, chosen).sum()
                sums[step, 0] += (draft.named[q.argmax(-1)] == kept[:, 0]).sum()
    return [(float(greedy) / count, float(sampled) / count) for greedy, sampled in sums]


def path_accuracy(draft: OneLayer, part: Read, steps: int, top: int) -> list[list[float]]:
    """Give, by step, how often each likeliest candidate is the text's token, where the draft was right so far.

    So these are the accuracies along the draft's own path, from every place of the text.

    Returns
    -------
    list of list of float
        (steps, top), by rank.
    """
    sums, places = torch.zeros(steps, top), torch.zeros(steps, 1)
    with torch.inference_mode():
        for batch in held_out_batches(part):
            wanted, following = batch.wanted, batch.following
            so_far = wanted
            for step, states in enumerate(draft.unrolled(batch.tokens, batch.states, steps)):
                counted = wanted & so_far
                logits = torch.nn.functional.linear(states[counted], draft.head)
                found = draft.named[logits.topk(top, dim=-1).indices] == following[counted][:, None]
                sums[step] += found.float().sum(0)
                places[step] += len(found)
                right = torch.zeros_like(wanted)
                right[counted] = found[:, 0]
                # The next step stands one place later.
                so_far = torch.cat([torch.zeros_like(right[:, :1]), right[:, :-1]], 1)
    shares: list[list[float]] = (sums / places.clamp_min(1)).tolist()
    return shares
