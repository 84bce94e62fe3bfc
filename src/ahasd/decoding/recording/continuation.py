"""The text that the target produces: its greedy or sampled continuation of a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.recording.settings import RecordSettings
from ahasd.decoding.rules.distributions import draw, entropy_nats, probabilities, uniform

#: The stream of random numbers that the text is drawn with (ours).
TEXT_STREAM = 100


@dataclass(frozen=True, slots=True)
class Continuation:
    """A prompt and what the target made of it.

    Parameters
    ----------
    prompt, tokens
        Token ids of the prompt and of its continuation; neither is empty.
    entropies
        Entropy of the target before each token of the continuation, nats.
    """

    prompt: list[int]
    tokens: list[int]
    entropies: list[float]

    @property
    def consumed(self) -> list[int]:
        """All tokens but the last, which a model has consumed when it is asked for what comes at any of them."""
        return [*self.prompt, *self.tokens[:-1]]


def continue_prompt(
    target: ModelRunner, prompt: Sequence[int], index: int, vocabulary: int, settings: RecordSettings
) -> Continuation:
    """Let the target continue a prompt until it ends the text or `tokens_per_prompt` are reached.

    Parameters
    ----------
    target
        Its cache is overwritten.
    prompt
        Token ids, at least one.
    index
        Number of the prompt, which chooses its random numbers.
    vocabulary
        Number of logits to look at.
    """
    draws = uniform(settings.seed, TEXT_STREAM, index, (settings.tokens_per_prompt,))
    tokens: list[int] = []
    entropies: list[float] = []
    step = list(prompt)
    target.reset()
    for number in draws:
        logits = target.forward(step, rows=1)[:, :vocabulary]
        distribution = probabilities(logits, settings.temperature)
        token = logits.argmax(dim=-1) if settings.greedy else draw(distribution, number[None])
        tokens.append(int(token))
        entropies.append(float(entropy_nats(distribution)))
        step = tokens[-1:]
        if tokens[-1] in target.end_tokens:
            break
    return Continuation(list(prompt), tokens, entropies)
