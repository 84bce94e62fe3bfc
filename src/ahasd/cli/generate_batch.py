"""``ahasd generate`` with several prompts: the texts when all have ended, a heading before each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ahasd.cli.show import show

if TYPE_CHECKING:
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder

#: Prompts decoded at once unless `--batch` says otherwise.
DEFAULT_BATCH = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """How texts are shown: as JSON or not, and with the logarithms of their probabilities (JSON alone) or not."""

    as_json: bool
    log_probabilities: bool = False


def generate_batch(
    decoder: "SpeculativeDecoder",
    prompts: Sequence[str],
    encoded: Sequence[Sequence[int]],
    fields: dict[str, Any],
    batch: int | None,
    seed: int | None,
    record: Path | None,
    shown: Shown,
) -> None:
    """Decode prompts, several in one pass, and show them.

    Parameters
    ----------
    prompts, encoded
        As asked, and as tokens.
    fields
        Of the requests.
    batch
        Prompts in one pass; None for `DEFAULT_BATCH`.
    seed
        Of the draws; None if nothing is drawn.
    record
        File for the passes of every prompt; None for none.
    shown
        How.

    Raises
    ------
    AhasdError
        If a prompt or the batch cannot be decoded, before any is.
    """
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.decoding.text_stream import text_pieces
    from ahasd.plain_text import one_line
    from ahasd.report.files import to_json, write_files
    from ahasd.report.generation import generation_json, generation_line
    from ahasd.report.step_log import step_log

    with progress_bar("decoding all prompts"):
        out = decoder.generate(
            encoded,
            attention_mask=[[1] * len(tokens) for tokens in encoded],  # a text may hold the token that pads
            seed=seed or 0,
            batch_size=DEFAULT_BATCH if batch is None else batch,
            **fields,
        )
    texts = ["".join(text_pieces(decoder.target.tokenizer, tokens)) for tokens in out.new_tokens]
    if record is not None:
        write_files(record.parent, {record.name: to_json([step_log(steps) for steps in out.steps])})
        say_written(record)
    if shown.as_json:
        likely = [
            decoder.log_probabilities(prompt, new) if shown.log_probabilities else None
            for prompt, new in zip(encoded, out.new_tokens, strict=True)
        ]
        rows = zip(texts, encoded, out.new_tokens, out.per_prompt, likely, strict=True)
        document = [
            generation_json(text, list(prompt), list(new), metrics, seed, logarithms)
            for text, prompt, new, metrics, logarithms in rows
        ]
        show(to_json(document))
        return
    for number, (prompt, text) in enumerate(zip(prompts, texts, strict=True), start=1):
        show(f"== {number} of {len(texts)}: {one_line(prompt.strip())[:60]}\n{text}\n")
    show(f"{len(texts)} texts, {generation_line(out.metrics, seed)}\n", err=True)
    if out.metrics.note:
        show(f"Note: {out.metrics.note}\n", err=True)
