"""``ahasd bench --batch``: several prompts in one pass, by the number of prompts."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ahasd.cli.show import show, show_answer
from ahasd.errors import AhasdError

if TYPE_CHECKING:
    from ahasd.cli.models import Pair
    from ahasd.decoding.models.emulated_latency import EmulatedLatency
    from ahasd.decoding.prompts.prompt_files import Prompt

#: In --output.
FILE = "batches.json"


def batch_sizes(text: str) -> list[int]:
    """Read ``--batch``: numbers from 1 to 16, separated by commas, in ascending order.

    Raises
    ------
    AhasdError
        It holds something else.
    """
    from ahasd.cli.comma_lists import split_names
    from ahasd.decoding.batched.batch_decoder import check_batch_size

    sizes = []
    for item in split_names("--batch", text):
        if not item.isascii() or not item.isdigit():
            raise AhasdError(f"--batch '{text}': '{item}' is no number of prompts; write for example 1,4,16")
        check_batch_size(int(item))
        sizes.append(int(item))
    return sorted(set(sizes))


def check_methods(names: Sequence[str]) -> None:
    """Raise AhasdError if a method decodes one prompt at a time."""
    from ahasd.benchmarking.batches import METHODS

    for name in names:
        if name not in METHODS:
            raise AhasdError(
                f"method '{name}' has no part in --batch; there are {', '.join(METHODS)} (for transformers: "
                "benchmarks/batched_speed.py)"
            )


def measure_batches(
    pair: "Pair",
    sizes: Sequence[int],
    names: Sequence[str],
    algorithms: Sequence[str],
    asked: "Sequence[Prompt] | None",
    repetitions: int,
    max_new_tokens: int,
    latency: "EmulatedLatency",
    trace: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Measure, and print a sentence and a table.

    Raises
    ------
    AhasdError
        If a prompt does not fit.
    """
    from ahasd.benchmarking.batches import batch_ways, bench_batches
    from ahasd.benchmarking.benchmark import encode_prompts
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.written import say_written
    from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
    from ahasd.report.batches import batches_json, batches_sentence, batches_table
    from ahasd.report.files import to_json, write_files
    from ahasd.report.fitted import fitted
    from ahasd.report.text import paragraphs

    prompts = encode_prompts(asked or SAMPLE_PROMPTS, [pair.target], max_new_tokens)
    with progress_bar("batches") as advance:
        figures = bench_batches(
            pair.target,
            pair.draft,
            batch_ways(names, algorithms),
            sizes,
            prompts,
            repetitions,
            max_new_tokens,
            latency,
            trace,
            advance,
        )
    document = to_json(batches_json(figures))
    if output is not None:
        write_files(output, {FILE: document})
        say_written(output / FILE)
    if as_json:
        show(document)
        return
    about = (
        f"{pair.names}, {min(len(prompts), max(sizes))} prompts, at most {max_new_tokens} tokens each, greedy"
    )
    if max(sizes) > len(prompts):
        about += f"; larger batches than {len(prompts)} take prompts twice"
    if latency:
        about += f"; latencies are EMULATED: {latency}"
    table = fitted(batches_table(figures), underlined=True)
    show_answer(
        "\n".join([*paragraphs([batches_sentence(figures)]), "", *paragraphs([about]), "", table]) + "\n"
    )
