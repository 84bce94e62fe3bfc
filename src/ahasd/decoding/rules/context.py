"""What every rule of a request knows, on both sides: the target's vocabulary, and how logits are adjusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.rules.adjustments import NO_ADJUSTMENTS, Adjustments


@dataclass(frozen=True, slots=True)
class RuleContext:
    """Vocabulary and adjustments of a request.

    Parameters
    ----------
    vocabulary
        Number of the target's logits.
    adjustments
        Of logits before a token is chosen.
    prompt_length, end_tokens
        What the adjustments need to know.
    """

    vocabulary: int
    adjustments: Adjustments = NO_ADJUSTMENTS
    prompt_length: int = 0
    end_tokens: frozenset[int] = frozenset()

    def adjusted(self, logits: Any, text: Sequence[int], drafted: Sequence[int] = ()) -> Any:
        """Give logits of tokens that the target has, adjusted, (rows, at most vocabulary).

        Parameters
        ----------
        logits
            One row behind the text, one more behind each drafted token; of the draft or the target. Rows of a draft
            with a larger, padded vocabulary are cut: what the target does not have is never text.
        text, drafted
            See `Adjustments.apply`.
        """
        if logits.shape[-1] > self.vocabulary:
            logits = logits[:, : self.vocabulary]
        if not self.adjustments:
            return logits
        return self.adjustments.apply(logits, text, drafted, self.prompt_length, self.end_tokens)
