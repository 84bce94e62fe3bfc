"""A decoder of several texts at once, made from models that are loaded and fit together."""

from ahasd.decoding.batched.batch_decoder import BatchDecoder
from ahasd.decoding.batched.drafting.batch_drafts import BatchDrafts
from ahasd.decoding.batched.drafting.model_drafts import ModelDrafts
from ahasd.decoding.batched.drafting.ngram_drafts import NgramDrafts
from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.speculative.drafting_algorithm import check_head
from ahasd.decoding.speculative.ngram_decoder import check_copying
from ahasd.errors import AhasdError
from ahasd.speculation.drafting.specification import AlgorithmSpec


def build_batch_decoder(
    method: str,
    target: LanguageModel,
    draft: LanguageModel | None,
    spec: AlgorithmSpec | None,
    seconds: tuple[float, float] = (0.0, 0.0),
) -> BatchDecoder:
    """Make one.

    Parameters
    ----------
    method
        "autoregressive", "speculative" (with a draft and an algorithm) or "ngram" (with an algorithm).
    spec
        When to stop drafting; None for the target alone.
    seconds
        A pass of draft and target lasts at least (emulated latency), for a batch of any size.

    Raises
    ------
    AhasdError
        If the method decodes one text at a time, or a model cannot run several rows in one pass.
    """
    if method == "async":
        raise AhasdError(
            "method 'async' decodes one prompt at a time; for batches take 'speculative', 'ngram' or "
            "'autoregressive', or leave out the batch size"
        )
    passes = TimedPasses(build_batched_runner(target), seconds[1])
    drafts: BatchDrafts | None = None
    vocabulary = target.vocabulary_size
    if spec is not None and method == "ngram":
        check_copying(spec)
        drafts = NgramDrafts(spec, vocabulary)
    elif spec is not None and draft is not None:
        check_head(spec, draft.acceptance_head, draft.name)
        head = draft.acceptance_head if spec.algorithm.needs_predicted_acceptance else None
        drafts = ModelDrafts(TimedPasses(build_batched_runner(draft), seconds[0]), spec, vocabulary, head)
    return BatchDecoder(passes, drafts, method, "" if spec is None else str(spec), target.tokenizer)
