"""Our drafting policies in ``model.generate`` of transformers: ``custom_generate=PolicyDrafting(...)``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ahasd.decoding.backend import torch, transformers
from ahasd.decoding.in_transformers.every_length import EveryLength
from ahasd.decoding.in_transformers.policy_candidates import PolicyCandidates
from ahasd.decoding.in_transformers.processed_proposals import ProcessedProposals
from ahasd.decoding.metrics import DecodingMetrics, MetricsRecorder
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.model_sources import ModelSource, check_same_tokens, take_model
from ahasd.decoding.speculative.alternating import TextDrafter
from ahasd.decoding.speculative.drafter import Drafter
from ahasd.decoding.speculative.drafting_algorithm import AMUSD, check_amusd, check_head, resolve_algorithm
from ahasd.decoding.speculative.ngram_decoder import DEFAULT_ALGORITHM, check_copying
from ahasd.decoding.speculative.ngram_drafter import NgramDrafter
from ahasd.errors import AhasdError
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.specification import AlgorithmSpec, build_policy
from ahasd.traces.resolve import resolve_trace
from ahasd.traces.rollout.rollout import RolloutTrace

#: Per token of the output, in what ``return_dict_in_generate`` gives.
_PER_TOKEN = ("scores", "logits", "attentions", "hidden_states")

#: Fields of a generation config that make the text another than the target's, or keep a state that a rejected draft
#: would spoil, with the values that do not.
_REFUSED: dict[str, tuple[Any, ...]] = {
    "assistant_ensemble_weight": (None,),
    "guidance_scale": (None, 1, 1.0),
    "watermarking_config": (None,),
}


class PolicyDrafting:
    """Speculative decoding by transformers, drafted by a policy of this package.

    ``model.generate(**inputs, custom_generate=PolicyDrafting(draft, "adaedl"))`` writes what ``generate`` without it
    writes: greedy, the same text (float32); drawn, a text of the same distribution. The target's passes, caches,
    logits processors and outputs are those of transformers; how long a draft is, is said by the policy.

    transformers hands neither ``streamer`` nor ``tokenizer`` on to a custom function: give ``token_streamer=`` in
    place of the one, and ``stopping_criteria=[StopStringCriteria(tokenizer, ...)]`` for stop strings.

    Parameters
    ----------
    draft
        Folder, model of transformers or `LanguageModel`; None copies tokens from the text itself (prompt lookup).
    algorithm
        When to stop drafting ("fixed:4", "svip:h=0.3"); None takes "adaedl", and "fixed:10" without a draft.
    tokenizer
        That both models share; needed where their vocabularies differ in size.
    trace
        What a "calibrated" algorithm is calibrated on: a `RolloutTrace`, a name or a file.
    device, dtype
        Of the draft; see `load_language_model`.
    trust_remote_code
        Whether code that lies in the draft's folder may run.

    Raises
    ------
    AhasdError
        If the draft or the algorithm cannot be used.
    """

    def __init__(
        self,
        draft: ModelSource | None = None,
        algorithm: str | AlgorithmSpec | None = None,
        *,
        tokenizer: Any = None,
        trace: RolloutTrace | str | None = None,
        device: str | None = None,
        dtype: str | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        if algorithm is None:
            algorithm = DEFAULT_ALGORITHM if draft is None else "adaedl"
        if algorithm == AMUSD:
            check_amusd("generate", None)
        self.algorithm = resolve_algorithm(
            algorithm, resolve_trace(trace) if isinstance(trace, str) else trace
        )
        self._tokenizer = tokenizer
        self._draft: LanguageModel | None = None
        if draft is None:
            check_copying(self.algorithm)
        else:
            self._draft = take_model(draft, "draft", device, dtype, tokenizer, trust_remote_code)
            check_head(self.algorithm, self._draft.acceptance_head, self._draft.name)
            self._runner = build_runner(self._draft)
        self._recorder = self._fresh_recorder("")

    @property
    def metrics(self) -> DecodingMetrics:
        """Figures of the last text, the pass over the prompt in its time."""
        return replace(self._recorder.result(), tokens_of_prefill=0)

    def __call__(
        self,
        model: Any,
        input_ids: Any,
        logits_processor: Any,
        stopping_criteria: Any,
        generation_config: Any,
        token_streamer: Any = None,
        **model_kwargs: Any,
    ) -> Any:
        """Decode; transformers calls this with what it has prepared.

        Raises
        ------
        AhasdError
            If the request is for several texts, a search, or a model that cannot be drafted for.
        """
        self._check(model, input_ids, generation_config)
        prompt: list[int] = input_ids[0].tolist()
        visible = _visible(prompt, model_kwargs.get("attention_mask"))
        rule = ProcessedProposals(
            logits_processor,
            bool(generation_config.do_sample),
            int(model.config.get_text_config().vocab_size),
            input_ids.device,
            prompt,
            len(visible),
        )
        recorder = self._recorder = self._fresh_recorder(str(model.dtype).removeprefix("torch."))
        batches = DraftBatches(build_policy(self.algorithm))
        longest = int(generation_config.max_length)
        candidates = PolicyCandidates(self._drafter(rule), batches, prompt, visible, longest, recorder)
        every_length = EveryLength(stopping_criteria, len(prompt), token_streamer)
        if token_streamer is not None:
            token_streamer.put(input_ids.cpu())
        # The one hook that assisted generation has for candidates of others; it is a method of the model.
        model._get_candidate_generator = lambda **_: candidates
        try:
            output = type(model)._assisted_decoding(
                model,
                input_ids,
                logits_processor=logits_processor,
                stopping_criteria=every_length,
                generation_config=generation_config,
                **model_kwargs,
            )
        finally:
            del model._get_candidate_generator  # the method of the class shows again
        if token_streamer is not None:
            token_streamer.end()
        return self._cut(output, len(prompt), every_length.length)

    def _drafter(self, rule: ProcessedProposals) -> TextDrafter:
        if self._draft is None:
            return NgramDrafter(rule)
        head = self._draft.acceptance_head if self.algorithm.algorithm.needs_predicted_acceptance else None
        self._runner.reset()
        return Drafter(self._runner, rule, head)

    def _check(self, model: Any, input_ids: Any, config: Any) -> None:
        modes = transformers.generation.configuration_utils.GenerationMode
        mode = config.get_generation_mode()
        if mode not in (modes.GREEDY_SEARCH, modes.SAMPLE):
            raise AhasdError(
                f"generate is asked for {mode.value.replace('_', ' ')}, and drafts are judged for greedy texts and "
                "draws alone; leave out custom_generate, or what asks for it"
            )
        for name, harmless in _REFUSED.items():
            if (value := getattr(config, name, None)) not in harmless:
                raise AhasdError(
                    f"{name} is {value}, with which the text would not be the target's own; leave it out"
                )
        if input_ids.shape[0] != 1 or input_ids.shape[1] == 0:
            raise AhasdError(
                f"input_ids has {input_ids.shape[0]} texts of {input_ids.shape[1]} tokens; transformers drafts for "
                "one at a time, of at least one token: call generate for each (num_return_sequences=1, and no "
                "inputs_embeds)"
            )
        if model.config.is_encoder_decoder or getattr(model, "_is_stateful", False):
            raise AhasdError(
                f"a model of type {model.config.model_type} has an encoder or a running state, which drafts cannot "
                "be judged with here; give a causal model of attention layers"
            )
        if self._draft is not None:
            check_same_tokens(LanguageModel("target", model, self._tokenizer), self._draft)

    def _fresh_recorder(self, dtype: str) -> MetricsRecorder:
        return MetricsRecorder("transformers", str(self.algorithm), dtype)

    def _cut(self, output: Any, prompt_length: int, length: int) -> Any:
        """Take away what was accepted behind the end of the text."""
        whole = isinstance(output, torch.Tensor)
        sequences = output if whole else output.sequences
        surplus = sequences.shape[1] - length
        self._recorder.cut(surplus)
        if not surplus:
            return output
        if whole:
            return output[:, :length]
        output.sequences = sequences[:, :length]
        for name in _PER_TOKEN:
            if (values := getattr(output, name, None)) is not None:
                setattr(output, name, values[: length - prompt_length])
        if output.past_key_values is not None:
            output.past_key_values.crop(-surplus)
        return output


def _visible(prompt: Sequence[int], mask: Any) -> list[int]:
    """Give the tokens that an attention mask (1, prompt) lets the models see; all without one."""
    if mask is None:
        return list(prompt)
    return [token for token, kept in zip(prompt, mask[0].tolist(), strict=True) if kept]
