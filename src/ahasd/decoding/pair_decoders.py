"""The two ways to decode with a pair of models, made from models that are loaded and fit together."""

from typing import TYPE_CHECKING

from ahasd.decoding.decoder import Decoder
from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.paced_runner import PacedRunner
from ahasd.decoding.speculative.alternating import AlternatingDecoder
from ahasd.speculation.drafting.specification import AlgorithmSpec

if TYPE_CHECKING:
    from ahasd.decoding.asynchronous.link.messages import Control


def alternating_decoder(
    target: LanguageModel, draft: LanguageModel, spec: AlgorithmSpec, seconds: tuple[float, float]
) -> Decoder:
    """Make one in which the models take turns; `seconds` a call of draft and target lasts at least."""
    return AlternatingDecoder(
        PacedRunner(build_runner(target), seconds[1]),
        PacedRunner(build_runner(draft), seconds[0]),
        spec,
        draft.acceptance_head,
        target.tokenizer,
    )


def asynchronous_decoder(
    target: LanguageModel,
    draft: LanguageModel,
    spec: AlgorithmSpec,
    seconds: tuple[float, float],
    amusd: bool,
    control: "Control | None",
    threads: int | None,
) -> Decoder:
    """Make one in which they run at the same time, by AMUSD's rule or not; see `AsynchronousDecoder`."""
    # Not before it is asked for: it sets up processes.
    from ahasd.decoding.asynchronous import AsynchronousDecoder

    return AsynchronousDecoder(
        target,
        draft,
        spec,
        control=control,
        coverage="amusd" if amusd else "pending",
        threads=threads,
        draft_seconds=seconds[0],
        target_seconds=seconds[1],
    )
