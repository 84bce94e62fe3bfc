"""The front door: decode with a pair of models, in the terms of transformers."""

import secrets
from collections.abc import Iterator, Sequence
from typing import Any, Literal, Self, get_args

from ahasd.decoding.autoregressive import AutoregressiveDecoder
from ahasd.decoding.backend import torch
from ahasd.decoding.batched.batch_decoder import BatchDecoder, batch_metrics, check_batch_size
from ahasd.decoding.batched.batch_row import BatchText
from ahasd.decoding.batched.build_batch_decoder import build_batch_decoder
from ahasd.decoding.decoder import Decoder
from ahasd.decoding.generation_defaults import GenerationDefaults, generation_defaults
from ahasd.decoding.generation_output import GenerationOutput, padded_sequences
from ahasd.decoding.log_probabilities import log_probabilities
from ahasd.decoding.metrics import DecodingMetrics, combine
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.find_model import own_draft
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.model_sources import ModelSource, check_same_tokens, take_model
from ahasd.decoding.models.paced_runner import PacedRunner, check_latencies
from ahasd.decoding.models.runner import ModelRunner
from ahasd.decoding.pair_decoders import alternating_decoder, asynchronous_decoder
from ahasd.decoding.prompts.prompt_tokens import token_rows, without_padding
from ahasd.decoding.request import GenerationRequest, Sampling, build_request, check_sampling
from ahasd.decoding.run_steps import RunSteps
from ahasd.decoding.speculative.drafting_algorithm import AMUSD, check_amusd, resolve_algorithm
from ahasd.decoding.speculative.ngram_decoder import DEFAULT_ALGORITHM, NgramDecoder
from ahasd.decoding.tiny_pair import draft_path, target_path
from ahasd.decoding.trees.build_tree_decoder import build_tree_decoders, tree_draft, tree_of
from ahasd.decoding.trees.tree_decoder import TreeBatchDecoder
from ahasd.errors import AhasdError, UnknownNameError
from ahasd.speculation.drafting.specification import AlgorithmSpec
from ahasd.traces.default import TINY_PAIR_TRACE
from ahasd.traces.resolve import resolve_trace
from ahasd.traces.rollout.rollout import RolloutTrace

Method = Literal["autoregressive", "speculative", "async", "ngram", "tree"]


class SpeculativeDecoder:
    """Decodes text with a target model and, to be faster, a draft model.

    The text is the target's own for every method and algorithm: greedy, token for token in float32; sampled,
    in distribution, and with ``sampling="coupled"`` token for token too.

    Parameters
    ----------
    target, draft
        Folders, ``.gguf`` files, names (`ahasd.decoding.models.find_model`), models of transformers, or
        `LanguageModel`. Without a target, the tiny pair that comes with the package; without a draft, the one that
        comes with it for that target, if there is one. Both must share a tokenizer. (``"autoregressive"`` and
        ``"ngram"`` need no draft.)
    method
        ``"speculative"``: draft and target by turns; ``"async"``: at the same time, each in a process of its
        own; ``"autoregressive"``: the target alone; ``"ngram"``: the target with drafts copied from the text itself;
        ``"tree"``: the target with trees of guesses, by the draft "one-layer" or "medusa" (heads that come with some
        targets), "lookup", or a folder of heads.
    algorithm
        When to stop drafting, as `ahasd list algorithms` shows them ("fixed:4", "svip:h=0.3"); None takes "adaedl",
        and "fixed:10" for ``"ngram"``, which takes no other than "fixed". ("amusd": AMUSD's own, for ``"async"``.)
        For ``"tree"`` which tree: "dynamic" (by itself), "best-first:15", "chain:4" ... (`TreeSpec`).
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
    ignore_generation_config
        Whether to leave out what the target's generation_config.json says beside its end tokens.

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
        algorithm: str | AlgorithmSpec | None = None,
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
        ignore_generation_config: bool = False,
    ) -> None:
        if method not in get_args(Method):
            raise UnknownNameError("method", method, get_args(Method))
        check_sampling(sampling)
        if control is not None and method != "async":
            raise AhasdError(f"control='{control}' governs an asynchronous drafter; the method is '{method}'")
        if algorithm == AMUSD:
            check_amusd(method, control)
        check_latencies(draft_seconds, target_seconds)
        if target is None:
            if draft is not None:
                raise AhasdError("there is a draft and no target; give both, or neither for the tiny pair")
            target, draft = target_path(), None if method == "tree" else draft_path()
            trace = TINY_PAIR_TRACE if trace is None else trace
        if method != "tree" and draft is None and (own := own_draft(target)) is not None:
            draft, trace = own.name, own.trace if trace is None else trace
        self._sampling = sampling
        self.target = take_model(target, "target", target_device, dtype, tokenizer, trust_remote_code)
        self._defaults = (
            GenerationDefaults() if ignore_generation_config else generation_defaults(self.target)
        )
        self.draft: LanguageModel | None = None
        self._method = method
        self._spec: AlgorithmSpec | None = None
        self._seconds = draft_seconds, target_seconds
        self._batches: BatchDecoder | TreeBatchDecoder | None = None
        self._scorer: ModelRunner | None = None
        if method == "autoregressive":
            self._decoder: Decoder = AutoregressiveDecoder(
                PacedRunner(build_runner(self.target), target_seconds), self.target.tokenizer
            )
            return
        if method == "tree":
            self._decoder, self._batches = build_tree_decoders(
                self.target, tree_draft(draft), tree_of(algorithm), target_seconds
            )
            return
        if algorithm is None:
            algorithm = DEFAULT_ALGORITHM if method == "ngram" else "adaedl"
        if method == "ngram":
            self._spec = resolve_algorithm(algorithm)
            self._decoder = NgramDecoder(
                PacedRunner(build_runner(self.target), target_seconds), self._spec, self.target.tokenizer
            )
            return
        if draft is None:
            raise AhasdError(f"method '{method}' needs a draft; give one, or take method 'autoregressive'")
        self._spec = spec = resolve_algorithm(
            algorithm, resolve_trace(trace) if isinstance(trace, str) else trace
        )
        self.draft = take_model(draft, "draft", draft_device, dtype, tokenizer, trust_remote_code)
        check_same_tokens(self.target, self.draft)
        seconds = self._seconds
        if method == "speculative":
            self._decoder = alternating_decoder(self.target, self.draft, spec, seconds)
        else:
            self._decoder = asynchronous_decoder(
                self.target, self.draft, spec, seconds, algorithm == AMUSD, control, threads
            )

    @property
    def metrics(self) -> DecodingMetrics:
        """Figures of the last text, or of the one that is being streamed."""
        return self._decoder.metrics

    @property
    def notes(self) -> Sequence[str]:
        """What to know of this decoder, such as whether its trees are pruned."""
        return self._decoder.notes

    @property
    def steps(self) -> RunSteps:
        """What the models did for the last text, pass by pass; whole when it has ended."""
        return self._decoder.steps

    def draws(self, do_sample: bool | None = None) -> bool:
        """Whether a request with this `do_sample` draws its tokens; None leaves it to the generation config."""
        return bool(self._defaults.always.get("do_sample") if do_sample is None else do_sample)

    def generate(
        self,
        input_ids: Any,
        attention_mask: Any = None,
        *,
        seed: int | None = None,
        pad_token_id: int | None = None,
        batch_size: int = 1,
        always_draft: bool | None = None,
        **fields: Any,
    ) -> GenerationOutput:
        """Decode one prompt or a queue of them, one after another or several in one pass.

        Parameters
        ----------
        input_ids
            Token ids: a tensor or list, 1-D for one prompt, 2-D (or lists of any length) for several.
        attention_mask
            0 where `input_ids` is padding, of the same shape. Without it padding tokens are left out, as transformers
            does, unless they end texts too.
        seed
            Of all draws; None draws one.
        pad_token_id
            What `input_ids` and `sequences` are padded with; None takes that of the model or tokenizer, or else an
            end token.
        batch_size
            Prompts that share the passes of the models, 1 to 16; more are decoded batch after batch. Texts are up to
            neither batch size nor neighbours: greedy and coupled ones are token for token those of 1, sampled ones
            have the same distribution.
        always_draft
            Whether a batch goes on drafting where its passes are measured to write more without; None does in
            independent sampling alone, where the seed would not repeat a text if the clock decided.
        fields
            See `GenerationRequest` and `Adjustments`: max_new_tokens, do_sample, temperature, top_k, top_p, min_p,
            eos_token_id (one, a list, or () for none), num_assistant_tokens, stop_strings (one or a list),
            repetition_penalty, min_new_tokens, suppress_tokens ... What is left out is as the target's generation
            config says (`ahasd.decoding.generation_defaults`).

        Raises
        ------
        AhasdError
            If prompt or request cannot be decoded, before any is.
        """
        check_batch_size(batch_size)
        rows = token_rows(input_ids)
        seed = secrets.randbits(63) if seed is None else seed
        fields = self._defaults.fill(fields)
        prompts = self._prompts(rows, attention_mask, pad_token_id)
        # All are checked before the first is decoded.
        requests = [build_request(self._sampling, seed, index, fields) for index, _ in enumerate(prompts)]
        if batch_size == 1:
            if always_draft is not None:
                raise AhasdError("always_draft is about batches, and batch_size is 1; leave it out")
            found, metrics = self._one_by_one(prompts, requests)
        else:
            found, metrics = self._in_batches(prompts, requests, batch_size, always_draft)
        texts = [text.tokens for text in found]
        candidates = (pad_token_id, self.target.pad_token, min(self.target.end_tokens, default=0))
        padding = next(token for token in candidates if token is not None)
        device = input_ids.device if isinstance(input_ids, torch.Tensor) else "cpu"
        sequences = padded_sequences(rows, texts, padding, device)
        return GenerationOutput(
            sequences,
            tuple(texts),
            metrics,
            tuple(text.metrics for text in found),
            seed,
            tuple(text.steps for text in found),
        )

    def stream(
        self, input_ids: Any, attention_mask: Any = None, *, seed: int | None = None, **fields: Any
    ) -> Iterator[int]:
        """Yield the new tokens of one prompt as they become text; parameters as in `generate`.

        Raises
        ------
        AhasdError
            If there are several prompts, or prompt or request cannot be decoded.
        """
        prompts = self._prompts(token_rows(input_ids), attention_mask, None)
        if len(prompts) != 1:
            raise AhasdError(
                f"stream takes one prompt, not {len(prompts)}; call it for each, or use generate"
            )
        seed = secrets.randbits(63) if seed is None else seed
        request = build_request(self._sampling, seed, 0, self._defaults.fill(fields))
        return self._decoder.tokens(prompts[0], request)

    def log_probabilities(self, prompt: Sequence[int], tokens: Sequence[int]) -> list[float]:
        """Give the logarithm of the probability of each token behind a prompt, by one more pass of the target.

        It is the target's own, at temperature 1 and without adjustments, whatever the request drew from.

        Parameters
        ----------
        prompt
            Token ids, at least one.
        tokens
            Those that a text went on with.
        """
        if self._scorer is None:
            self._scorer = build_runner(self.target)
        return log_probabilities(self._scorer, prompt, tokens)

    def close(self) -> None:
        """End worker processes and give back their memory; may be called more than once."""
        self._decoder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _one_by_one(
        self, prompts: Sequence[Sequence[int]], requests: Sequence[GenerationRequest]
    ) -> tuple[list[BatchText], DecodingMetrics]:
        streams = [
            self._decoder.tokens(prompt, request) for prompt, request in zip(prompts, requests, strict=True)
        ]
        found = [BatchText(tuple(stream), self._decoder.metrics, self._decoder.steps) for stream in streams]
        return found, combine(text.metrics for text in found)

    def _in_batches(
        self,
        prompts: Sequence[Sequence[int]],
        requests: Sequence[GenerationRequest],
        size: int,
        always_draft: bool | None,
    ) -> tuple[list[BatchText], DecodingMetrics]:
        if always_draft is not None and self._method == "autoregressive":
            raise AhasdError(
                "always_draft is about drafts, and method 'autoregressive' has none; leave it out"
            )
        prepared = []
        for number, (prompt, request) in enumerate(zip(prompts, requests, strict=True), start=1):
            try:
                prepared.append(self._decoder.prepared(prompt, request))
            except AhasdError as error:
                raise AhasdError(f"prompt {number} of {len(prompts)}: {error}") from error
        if self._batches is None:
            self._batches = build_batch_decoder(
                self._method, self.target, self.draft, self._spec, self._seconds
            )
        if always_draft is None:
            request = prepared[0]
            # Where a draft's own draws make a text depend on when it drafts, it always does; trees are not drawn.
            always_draft = request.do_sample and request.sampling == "independent" and self._method != "tree"
        found: list[BatchText] = []
        parts = []
        for first in range(0, len(prompts), size):
            batch = slice(first, first + size)
            texts = self._batches.decode(prompts[batch], prepared[batch], always_draft)
            parts.append(batch_metrics(texts))
            found += texts
        return found, combine(parts)

    def _prompts(self, rows: list[list[int]], attention_mask: Any, padding: int | None) -> list[list[int]]:
        padding = self.target.pad_token if padding is None else padding
        return without_padding(rows, attention_mask, padding, self.target.end_tokens)
