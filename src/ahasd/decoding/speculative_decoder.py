"""The front door: decode with a pair of models, in the terms of transformers."""

import secrets
from collections.abc import Iterator
from typing import Any, Literal, Self, get_args

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.backend import torch
from ahasd.decoding.decoder import Decoder
from ahasd.decoding.generation_output import GenerationOutput, padded_sequences
from ahasd.decoding.metrics import DecodingMetrics, combine
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.find_model import own_draft
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.model_sources import ModelSource, check_same_tokens, take_model
from ahasd.decoding.models.paced_runner import check_latencies, paced
from ahasd.decoding.prompts.prompt_tokens import token_rows, without_padding
from ahasd.decoding.request import Sampling, build_request, check_sampling
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.decoding.speculative.drafting_algorithm import resolve_algorithm
from ahasd.decoding.tiny_pair import draft_path, target_path
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.drafting.specification import AlgorithmSpec
from ahasd.traces.default import TINY_PAIR_TRACE
from ahasd.traces.resolve import resolve_trace
from ahasd.traces.rollout.rollout import RolloutTrace

Method = Literal["autoregressive", "speculative", "async"]


class SpeculativeDecoder:
    """Decodes text with a target model and, to be faster, a draft model.

    The text is the target's own for every method and algorithm: greedy, token for token in float32; sampled,
    in distribution, and with ``sampling="coupled"`` token for token too.

    Parameters
    ----------
    target, draft
        Folders, ``.gguf`` files, names (`ahasd.decoding.models.find_model`), models of transformers, or
        `LanguageModel`. Without a target, the tiny pair that comes with the package; without a draft, the one that
        comes with it for that target, if there is one. Both must share a tokenizer. (``method="autoregressive"``
        needs no draft.)
    method
        ``"speculative"``: draft and target by turns; ``"async"``: at the same time, each in a process of its
        own; ``"autoregressive"``: the target alone.
    algorithm
        When to stop drafting, as `ahasd list algorithms` shows them ("fixed:4", "svip:h=0.3").
    target_device, draft_device
        Devices of torch ("cuda:0", "cpu"); None takes CUDA if there is one, and leaves loaded models where they
        are.
    dtype
        Type of both models' weights ("float32", "bfloat16", "auto"); None takes float32 on a CPU and that of the
        file elsewhere.
    sampling
        See `GenerationRequest`.
    control
        ``"edc"``: the asynchronous drafter is governed by the controller of AHASD; None without.
    tokenizer
        In place of the models' own; a model of transformers that is passed in has none.
    trace
        What a "calibrated" algorithm is calibrated on: a `RolloutTrace` of the pair, a name or a file. The pairs
        that come with ahasd have one.
    threads
        Of torch, in each process of ``"async"``; None shares those of this process out. (The other methods run in
        this process and leave its threads alone.)
    draft_seconds, target_seconds
        Emulated latency: what a call of the model lasts at least, prefill included; 0 for none.
    trust_remote_code
        Whether code that lies in a model's folder may run, with all rights of the user.

    Raises
    ------
    AhasdError
        If a model, device or algorithm cannot be used, or the models do not speak the same tokens.
    """

    def __init__(
        self,
        target: ModelSource | None = None,
        draft: ModelSource | None = None,
        method: Method = "speculative",
        algorithm: str | AlgorithmSpec = "adaedl",
        *,
        target_device: str | None = None,
        draft_device: str | None = None,
        dtype: str | None = None,
        sampling: Sampling = "independent",
        control: Literal["edc"] | None = None,
        tokenizer: Any = None,
        trace: RolloutTrace | str | None = None,
        threads: int | None = None,
        draft_seconds: float = 0.0,
        target_seconds: float = 0.0,
        trust_remote_code: bool = False,
    ) -> None:
        if method not in get_args(Method):
            raise UnknownNameError("method", method, get_args(Method))
        check_sampling(sampling)
        if control is not None and method != "async":
            raise AhasdError(f"control='{control}' governs an asynchronous drafter; the method is '{method}'")
        check_latencies(draft_seconds, target_seconds)
        if target is None:
            if draft is not None:
                raise AhasdError("there is a draft and no target; give both, or neither for the tiny pair")
            target, draft = target_path(), draft_path()
            trace = TINY_PAIR_TRACE if trace is None else trace
        if draft is None and (own := own_draft(target)) is not None:
            draft, trace = own.name, own.trace if trace is None else trace
        self._sampling = sampling
        self.target = take_model(target, "target", target_device, dtype, tokenizer, trust_remote_code)
        self.draft: LanguageModel | None = None
        if method == "autoregressive":
            self._decoder: Decoder = AutoregressiveDecoder(
                paced(build_runner(self.target), target_seconds), self.target.tokenizer
            )
            return
        if draft is None:
            raise AhasdError(f"method '{method}' needs a draft; give one, or take method 'autoregressive'")
        spec = resolve_algorithm(algorithm, resolve_trace(trace) if isinstance(trace, str) else trace)
        self.draft = take_model(draft, "draft", draft_device, dtype, tokenizer, trust_remote_code)
        check_same_tokens(self.target, self.draft)
        if method == "async":
            # Not before it is asked for: it sets up processes.
            from ahasd.decoding.asynchronous import AsynchronousDecoder

            self._decoder = AsynchronousDecoder(
                self.target,
                self.draft,
                spec,
                control=control,
                threads=threads,
                draft_seconds=draft_seconds,
                target_seconds=target_seconds,
            )
        else:
            self._decoder = AlternatingDecoder(
                paced(build_runner(self.target), target_seconds),
                paced(build_runner(self.draft), draft_seconds),
                spec,
                self.draft.acceptance_head,
                self.target.tokenizer,
            )

    @property
    def metrics(self) -> DecodingMetrics:
        """Figures of the last text, or of the one that is being streamed."""
        return self._decoder.metrics

    def generate(
        self,
        input_ids: Any,
        attention_mask: Any = None,
        *,
        seed: int | None = None,
        pad_token_id: int | None = None,
        **fields: Any,
    ) -> GenerationOutput:
        """Decode one prompt or a queue of them, one after another.

        Parameters
        ----------
        input_ids
            Token ids: a tensor or list, 1-D for one prompt, 2-D (or lists of any length) for a queue.
        attention_mask
            0 where `input_ids` is padding, of the same shape; None if nothing is.
        seed
            Of all draws; None draws one.
        pad_token_id
            What `sequences` is padded with; None takes that of the tokenizer, or else an end token.
        fields
            See `GenerationRequest`: max_new_tokens, do_sample, temperature, top_k, top_p, eos_token_id (one, a
            list, or () for none), num_assistant_tokens, stop_strings (one or a list).

        Raises
        ------
        AhasdError
            If prompt or request cannot be decoded, before any is.
        """
        rows = token_rows(input_ids)
        seed = secrets.randbits(63) if seed is None else seed
        # All are checked before the first is decoded.
        streams = [
            self._decoder.tokens(prompt, build_request(self._sampling, seed, index, fields))
            for index, prompt in enumerate(without_padding(rows, attention_mask))
        ]
        texts, metrics = [], []
        for stream in streams:
            texts.append(tuple(stream))
            metrics.append(self._decoder.metrics)
        padding = self._pad_token() if pad_token_id is None else pad_token_id
        device = input_ids.device if isinstance(input_ids, torch.Tensor) else "cpu"
        sequences = padded_sequences(rows, texts, padding, device)
        return GenerationOutput(sequences, tuple(texts), combine(metrics), tuple(metrics), seed)

    def stream(
        self, input_ids: Any, attention_mask: Any = None, *, seed: int | None = None, **fields: Any
    ) -> Iterator[int]:
        """Yield the new tokens of one prompt as they become text; parameters as in `generate`.

        Raises
        ------
        AhasdError
            If there are several prompts, or prompt or request cannot be decoded.
        """
        prompts = without_padding(token_rows(input_ids), attention_mask)
        if len(prompts) != 1:
            raise AhasdError(
                f"stream takes one prompt, not {len(prompts)}; call it for each, or use generate"
            )
        seed = secrets.randbits(63) if seed is None else seed
        return self._decoder.tokens(prompts[0], build_request(self._sampling, seed, 0, fields))

    def close(self) -> None:
        """End worker processes and give back their memory; may be called more than once."""
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _pad_token(self) -> int:
        padding = getattr(self.target.tokenizer, "pad_token_id", None)
        return min(self.target.end_tokens, default=0) if padding is None else int(padding)
