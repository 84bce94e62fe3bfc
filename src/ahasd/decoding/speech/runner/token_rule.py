"""Which tokens may come next in a transcript, and the likeliest of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.speech.models.vocabulary import FIRST_TIMESTAMP_S, TIMESTAMP_S, SpeechVocabulary

#: Logit of a token that must not come.
NEVER = -torch.inf


@dataclass(frozen=True, slots=True)
class Likeliest:
    """The two likeliest tokens of one place.

    Parameters
    ----------
    token, runner_up
        Ids of the vocabulary.
    probability
        Of the first, among those that may come.
    """

    token: int
    probability: float
    runner_up: int


class TokenRule:
    """The rule of one model's transcripts, the same for plain decoding, drafting and verifying.

    Parameters
    ----------
    vocabulary
        Of the model.
    timestamps
        Whether segments are to be marked by times, which come in pairs, do not fall, and win over text where all of
        them together are likelier than any one token of it (openai/whisper, ``ApplyTimestampRules``). Otherwise no
        time is written.
    named
        (columns,) tokens that the columns of the logits are of; None for the whole vocabulary.
    """

    def __init__(self, vocabulary: SpeechVocabulary, timestamps: bool, named: Any = None) -> None:
        self.timestamps = timestamps
        self._end, self._first_time = vocabulary.end, vocabulary.timestamp_begin
        every = torch.arange(vocabulary.size) if named is None else named.cpu()
        self._ids = None if named is None else every
        never = {*vocabulary.suppressed, vocabulary.special("<|notimestamps|>")}
        if not timestamps:
            never |= set(range(self._first_time, vocabulary.size))
        self._never = torch.tensor([token in never for token in every.tolist()]).nonzero()[:, 0]
        first = set(vocabulary.suppressed_first)
        self._never_first = torch.tensor([token in first for token in every.tolist()]).nonzero()[:, 0]
        self._every = every

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def allow(self, logits: Any, texts: Sequence[Sequence[int]]) -> Any:
        """Give the logits with what must not come at minus infinity.

        Parameters
        ----------
        logits
            (rows, columns); changed in place.
        texts
            Before each row, what was written after the prompt.
        """
        logits.index_fill_(1, self._never, NEVER)
        for row, text in zip(logits, texts, strict=True):
            if not text:
                row[self._never_first] = NEVER
            if self.timestamps:
                self._time(row, text)
        return logits

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def choose(self, logits: Any, texts: Sequence[Sequence[int]]) -> list[int]:
        """Give the likeliest token of each row."""
        columns = self.allow(logits, texts).argmax(1)
        return list((columns if self._ids is None else self._ids[columns]).tolist())

    @torch.inference_mode()  # type: ignore[untyped-decorator]
    def likeliest(self, logits: Any, texts: Sequence[Sequence[int]]) -> list[Likeliest]:
        """Give the two likeliest tokens of each row and the first one's probability."""
        allowed = self.allow(logits, texts)
        values, columns = allowed.topk(2, 1)
        tokens = (columns if self._ids is None else self._ids[columns]).tolist()
        probabilities = (values[:, 0] - allowed.logsumexp(1)).exp().tolist()
        return [
            Likeliest(first, probability, second)
            for (first, second), probability in zip(tokens, probabilities, strict=True)
        ]

    def _time(self, row: Any, text: Sequence[int]) -> None:
        ids, first_time = self._every, self._first_time
        is_time, is_text = ids >= first_time, ids < self._end
        if not text:
            row[~is_time] = NEVER
            row[ids > first_time + round(FIRST_TIMESTAMP_S / TIMESTAMP_S)] = NEVER
            return
        last = text[-1] >= first_time
        before = len(text) < 2 or text[-2] >= first_time
        if last:
            row[is_time if before else is_text] = NEVER
        times = [token for token in text if token >= first_time]
        if times:
            least = times[-1] if last and not before else times[-1] + 1
            row[is_time & (ids < least)] = NEVER
        scores = torch.log_softmax(row, 0)
        if scores[is_time].numel() and scores[is_time].logsumexp(0) > scores[~is_time].max():
            row[~is_time] = NEVER
