"""What one request asks for, in the terms of transformers."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from numbers import Integral, Real
from typing import Any, Literal, get_args

from ahasd.decoding.rules.adjustments import Adjustments
from ahasd.errors import AhasdError, UnknownNameError

Sampling = Literal["independent", "coupled"]

#: What a user may ask for; the rest of a `GenerationRequest` the decoder knows.
FIELDS = (
    "max_new_tokens",
    "do_sample",
    "temperature",
    "top_k",
    "top_p",
    "min_p",
    "eos_token_id",
    "num_assistant_tokens",
    "stop_strings",
)

#: Further ones, which make up its `Adjustments`.
ADJUSTMENTS = tuple(each.name for each in fields(Adjustments))

#: Further parameters of `SpeculativeDecoder.generate`, for the message on one that it has not.
_OTHERS = ("attention_mask", "pad_token_id", "seed")


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """One text to decode, checked; picklable, and complete: draft and target build their rules from it alone.

    Parameters
    ----------
    max_new_tokens
        Tokens to add at most, at least 0.
    do_sample
        False takes the target's argmax (greedy), True draws from its distribution.
    temperature, top_k, top_p, min_p
        Shape the distributions of both models when sampling, in this order, as in transformers; None switches
        a filter off.
    seed
        Of all draws, at least 0. The same seed gives the same text again; asynchronously only with coupled sampling,
        since what was drafted by the time of a verdict, and so what the draws are used for, is up to the clock.
    prompt_index
        Place of the prompt in its queue, so that every prompt has draws of its own.
    eos_token_id
        Tokens that end the text; None takes those of the target, an empty tuple none.
    num_assistant_tokens
        Drafted tokens per round at most; None leaves it to the drafting algorithm.
    stop_strings
        The text ends with the token that completes one of these in the decoded new tokens.
    sampling
        ``"independent"`` draws for draft and verdict apart (Leviathan et al. 2211.17192); ``"coupled"`` shares
        Gumbel noise per position (arXiv 2408.07978), so that the output depends on seed and target alone.
    adjustments
        Of logits, before a token is chosen.
    prompt_length
        Tokens of the prompt, which adjustments are counted from; `Decoder.tokens` fills it in.

    Raises
    ------
    AhasdError
        If a value is outside the above.
    """

    max_new_tokens: int = 128
    do_sample: bool = False
    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    min_p: float | None = None
    seed: int = 0
    prompt_index: int = 0
    eos_token_id: tuple[int, ...] | None = None
    num_assistant_tokens: int | None = None
    stop_strings: tuple[str, ...] = ()
    sampling: Sampling = "independent"
    adjustments: Adjustments = field(default_factory=Adjustments)
    prompt_length: int = 0

    def __post_init__(self) -> None:
        self._check_types()
        if self.max_new_tokens < 0:
            raise AhasdError(f"max_new_tokens is {self.max_new_tokens}; must be at least 0")
        if not math.isfinite(self.temperature) or self.temperature <= 0:
            raise AhasdError(
                f"temperature is {self.temperature}; must be above 0 (for argmax: do_sample=False)"
            )
        if self.top_k is not None and self.top_k < 1:
            raise AhasdError(f"top_k is {self.top_k}; must be at least 1, or None for all tokens")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise AhasdError(f"top_p is {self.top_p}; must be above 0 and at most 1, or None for all tokens")
        if self.min_p is not None and not 0 <= self.min_p <= 1:
            raise AhasdError(f"min_p is {self.min_p}; must be from 0 to 1, or None for all tokens")
        if self.seed < 0:
            raise AhasdError(f"seed is {self.seed}; must be at least 0")
        if self.num_assistant_tokens is not None and self.num_assistant_tokens < 1:
            raise AhasdError(
                f"num_assistant_tokens is {self.num_assistant_tokens}; must be at least 1, or None; to decode "
                "without a draft use method 'autoregressive'"
            )
        if any(not text for text in self.stop_strings):
            raise AhasdError("a stop string is empty; it would end every text")
        check_sampling(self.sampling)

    def _check_types(self) -> None:
        for name in ("max_new_tokens", "seed", "top_k", "num_assistant_tokens"):
            value = getattr(self, name)
            if not _is(Integral, value) and not (value is None and name in ("top_k", "num_assistant_tokens")):
                raise AhasdError(f"{name} is {value!r}; must be a whole number")
        for name in ("temperature", "top_p", "min_p"):
            value = getattr(self, name)
            if not _is(Real, value) and not (value is None and name != "temperature"):
                raise AhasdError(f"{name} is {value!r}; must be a number")
        for token in self.eos_token_id or ():
            if not _is(Integral, token):
                raise AhasdError(f"eos_token_id holds {token!r}; must be a whole number, or several")
        for text in self.stop_strings:
            if not isinstance(text, str):
                raise AhasdError(f"stop_strings holds {text!r}; must be a text, or several")


def _is(kind: type, value: Any) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)


def check_sampling(sampling: Sampling) -> None:
    """Raise UnknownNameError if there is no such way of sampling."""
    if sampling not in get_args(Sampling):
        raise UnknownNameError("sampling", sampling, get_args(Sampling))


def build_request(sampling: Sampling, seed: int, index: int, given: dict[str, Any]) -> GenerationRequest:
    """Make a request from what a user wrote: single tokens and stop strings need no list.

    Raises
    ------
    UnknownNameError
        If there is no such field.
    AhasdError
        If a value is out of range.
    """
    known = (*FIELDS, *ADJUSTMENTS)
    for name in given:
        if name not in known:
            raise UnknownNameError("option of a request", name, [*known, *_OTHERS])
    values = {name: value for name, value in given.items() if name in FIELDS}
    if values.get("eos_token_id") is not None:
        values["eos_token_id"] = _several(values["eos_token_id"])
    if "stop_strings" in values:
        values["stop_strings"] = _several(values["stop_strings"])
    return GenerationRequest(
        **values,
        seed=seed,
        prompt_index=index,
        sampling=sampling,
        adjustments=_adjustments({name: value for name, value in given.items() if name in ADJUSTMENTS}),
    )


def _adjustments(given: dict[str, Any]) -> Adjustments:
    """Make them from what a user wrote; None leaves one out."""
    values = {name: value for name, value in given.items() if value is not None}
    for name in ("suppress_tokens", "begin_suppress_tokens"):
        if name in values:
            values[name] = _several(values[name])
    if "bad_words_ids" in values:
        values["bad_words_ids"] = tuple(_several(words) for words in _several(values["bad_words_ids"]))
    if "sequence_bias" in values:
        values["sequence_bias"] = _biases(values["sequence_bias"])
    return Adjustments(**values)


def _biases(value: Any) -> tuple[tuple[tuple[Any, ...], Any], ...]:
    """Read biases as transformers takes them: {tokens: bias}, or pairs of tokens and bias."""
    pairs = value.items() if isinstance(value, Mapping) else value
    try:
        return tuple((_several(tokens), bias) for tokens, bias in pairs)
    except (TypeError, ValueError) as error:
        raise AhasdError(
            f"sequence_bias is {value!r}; must be {{tokens: bias}} or pairs of tokens and bias"
        ) from error


def _several(value: Any) -> tuple[Any, ...]:
    """Give one value or several (a list, a tensor) as a tuple; none for None."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple | set | frozenset) else (value,)
