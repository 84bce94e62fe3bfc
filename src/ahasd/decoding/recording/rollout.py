"""Rollouts: what the draft proposes from a position of the text, and what the target thinks of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.decoding.backend import torch
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.prefix_cache import Rows
from ahasd.decoding.recording.continuation import Continuation
from ahasd.decoding.recording.rolled_draft import RolledDraft
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.decoding.rules.distributions import draw, entropy_nats, probabilities, uniform

#: The stream of random numbers that the draft's paths are drawn with (ours).
DRAFT_STREAM = 101


@dataclass(frozen=True, slots=True)
class Rollouts:
    """The rollouts from some positions of one text; every array is (positions, steps).

    Parameters
    ----------
    tokens
        What the draft proposed, along its own path.
    entropy
        Entropy of the draft's distribution before each proposal, nats.
    draft_probability
        The draft's probability of its proposal.
    acceptance_probability
        min(1, p/q) of the proposal, with the target's p on the same path (Leviathan et al. 2211.17192,
        section 2.3); greedy: 1 where it is the target's argmax, 0 elsewhere.
    predicted_acceptance
        What the draft's acceptance head says of the proposal, once the draft has consumed it; None if the draft
        has no head.
    """

    tokens: npt.NDArray[np.int64]
    entropy: npt.NDArray[np.float64]
    draft_probability: npt.NDArray[np.float64]
    acceptance_probability: npt.NDArray[np.float64]
    predicted_acceptance: npt.NDArray[np.float64] | None = None


def roll_out(
    target: LanguageModel,
    draft: RolledDraft,
    text: Continuation,
    target_cache: Any,
    draft_cache: Any,
    positions: range,
    index: int,
    vocabulary: int,
    settings: RecordSettings,
) -> Rollouts:
    """Start the draft at each of these positions and let the target judge its path in one forward.

    Parameters
    ----------
    target_cache, draft_cache
        The target's cache of `Continuation.consumed`, and what the draft has read of it.
    positions
        Positions of the continuation: at position i the draft has seen the prompt and i tokens.
    index
        Number of the prompt, which chooses the random numbers.
    vocabulary
        Number of logits that both models have.
    """
    # A rollout starts by feeding the last token before the position: the cache holds those before that one.
    prefixes = [len(text.prompt) + position - 1 for position in positions]
    known = [*text.prompt, *text.tokens]
    fed = torch.tensor([[known[prefix]] for prefix in prefixes], device=target.model.device)
    draws = uniform(settings.seed, DRAFT_STREAM, index, (len(text.tokens), settings.steps))
    draws = draws[positions.start : positions.stop]

    rows, head = draft.rows(draft_cache, prefixes), draft.head
    entropies: list[Any] = []
    chosen: list[Any] = []
    predicted: list[Any] = []
    path = [fed]
    for step in range(settings.steps):
        if head is None:
            logits = rows.forward(path[-1])
        else:
            logits, states = rows.forward_with_states(path[-1])
            if step > 0:  # what is consumed first belongs to the text
                predicted.append(head.acceptance(states[:, -1], chosen[-1]))
        logits = logits[:, -1, :vocabulary]
        q = probabilities(logits, settings.temperature)
        token = logits.argmax(dim=-1) if settings.greedy else draw(q, draws[:, step])
        entropies.append(entropy_nats(q))
        chosen.append(q.gather(1, token[:, None])[:, 0])
        path.append(token[:, None])
    entropy, q_chosen = torch.stack(entropies, dim=1), torch.stack(chosen, dim=1)
    if head is not None:
        _, states = rows.forward_with_states(path[-1])
        predicted.append(head.acceptance(states[:, -1], chosen[-1]))
    tokens = torch.cat(path[1:], dim=1).to(target.model.device)

    # The same inputs in one forward: the logits after input j are the target's verdict on proposal j.
    inputs = torch.cat(path[:-1], dim=1).to(target.model.device)
    logits = Rows(target, target_cache, prefixes).forward(inputs)[:, :, :vocabulary]
    if settings.greedy:
        acceptance = (logits.argmax(dim=-1) == tokens).double()
    else:
        p_chosen = probabilities(logits, settings.temperature).gather(2, tokens[:, :, None])[:, :, 0]
        acceptance = (p_chosen / q_chosen.to(p_chosen.device)).clamp_max(1.0)
    return Rollouts(
        tokens.cpu().numpy(),
        entropy.cpu().numpy(),
        q_chosen.cpu().numpy(),
        acceptance.cpu().numpy(),
        torch.stack(predicted, dim=1).double().cpu().numpy() if predicted else None,
    )
