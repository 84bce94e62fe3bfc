"""Batches for real: several prompts in one pass, ratios of CPU time of one run.

Run with ``python benchmarks/batched_speed.py``. For 1, 4 and 16 prompts of unequal lengths, greedily, on one thread,
without an end token: ours plain against batched ``generate`` of transformers (padded on the left), drafts always
against plain, and drafts where they are measured to pay against plain. All must write the same texts; repetitions
alternate. The tiny pair, and SmolLM2 with its draft where it is installed (``make models``); `--pair tiny` leaves it
out.
"""

import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time

from ahasd.decoding.backend import torch
from ahasd.decoding.models.language_model import LanguageModel, load_language_model
from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.decoding.tiny_pair import load_tiny_pair
from ahasd.errors import AhasdError
from support.figures import Figure, show

BATCHES = (1, 4, 16)
#: No way may be slower than plain decoding by more.
BEST_TARGET = 0.98

Texts = tuple[tuple[int, ...], ...]
Decode = Callable[[list[list[int]]], Texts]


def by_ours(decoder: SpeculativeDecoder, new: int, always_draft: bool | None = None) -> Decode:
    """Decode all prompts at once with a decoder of ours."""

    def decode(prompts: list[list[int]]) -> Texts:
        size = max(2, len(prompts))  # of one prompt the batched decoder too
        return decoder.generate(
            prompts, max_new_tokens=new, eos_token_id=(), batch_size=size, always_draft=always_draft
        ).new_tokens

    return decode


def by_transformers(target: LanguageModel, new: int) -> Decode:
    """Decode them by `generate` of transformers."""

    def decode(prompts: list[list[int]]) -> Texts:
        width = max(map(len, prompts))
        ids = torch.tensor([[0] * (width - len(prompt)) + prompt for prompt in prompts])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        out = target.model.generate(
            ids,
            attention_mask=mask,
            max_new_tokens=new,
            do_sample=False,
            eos_token_id=None,
            pad_token_id=0,
            repetition_penalty=1.0,
        )
        return tuple(tuple(row) for row in out[:, width:].tolist())

    return decode


def measure(ways: dict[str, Decode], prompts: list[list[int]], repeats: int) -> dict[str, list[float]]:
    """CPU seconds of every way, repetition by repetition; the first run warms up and gives the texts."""
    texts = {name: decode(prompts) for name, decode in ways.items()}
    different = [name for name, text in texts.items() if text != texts["plain"]]
    if different:
        raise SystemExit(f"{', '.join(different)} wrote another text than plain, at batch {len(prompts)}")
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for repeat in range(repeats):
        order = list(ways)
        for name in order[repeat % len(order) :] + order[: repeat % len(order)]:
            began = process_time()
            ways[name](prompts)
            seconds[name].append(process_time() - began)
    return seconds


def ratio(seconds: dict[str, list[float]], way: str, over: str) -> float:
    """How many times as fast a way is: median over repetitions."""
    return median(slow / fast for slow, fast in zip(seconds[over], seconds[way], strict=True))


def compare(
    title: str, target: LanguageModel, draft: LanguageModel, algorithm: str, new: int, repeats: int
) -> None:
    """Print the ratios of one pair."""
    encoded = [list(target.tokenizer(prompt.text)["input_ids"]) for prompt in SAMPLE_PROMPTS]
    # The second half begins later in its texts, so that no two are alike.
    prompts = [*encoded, *(tokens[len(tokens) // 3 :] for tokens in encoded)]
    plain = SpeculativeDecoder(target, method="autoregressive", ignore_generation_config=True)
    drafted = SpeculativeDecoder(target, draft, algorithm=algorithm, ignore_generation_config=True)
    copied = SpeculativeDecoder(target, method="ngram", ignore_generation_config=True)
    figures: list[Figure] = []
    for size in BATCHES:
        ways = {
            "plain": by_ours(plain, new),
            "transformers": by_transformers(target, new),
            "drafts always": by_ours(drafted, new, True),
            "drafts where they pay": by_ours(drafted, new, False),
            "copies where they pay": by_ours(copied, new, False),
        }
        seconds = measure(ways, prompts[:size], repeats)
        rate = size * new / median(seconds["plain"])
        figures.append(Figure(f"batch {size}: plain", rate, "tok/s"))
        figures.append(
            Figure(f"batch {size}: plain / transformers", ratio(seconds, "plain", "transformers"), "x")
        )
        figures.append(
            Figure(f"batch {size}: drafts always / plain", ratio(seconds, "drafts always", "plain"), "x")
        )
        for way in ("drafts where they pay", "copies where they pay"):
            value = ratio(seconds, way, "plain")
            figures.append(Figure(f"batch {size}: {way} / plain", value, "x", at_least=BEST_TARGET))
    show(f"{title}, {algorithm}, {new} tokens each, CPU time, one thread", figures)


def main(arguments: Sequence[str]) -> None:
    """Run all, or the tiny pair alone."""
    torch.set_num_threads(1)
    compare("Tiny pair", *load_tiny_pair("distilled"), "fixed:2", new=96, repeats=9)
    if list(arguments) == ["--pair", "tiny"]:
        return
    try:
        target, draft = (load_language_model(name) for name in ("smollm2-135m", "smollm2-135m-draft"))
    except AhasdError as error:
        print(f"\nSmolLM2: not measured ({error})")
        return
    compare("SmolLM2-135M and its draft", target, draft, "svip", new=32, repeats=3)


if __name__ == "__main__":
    main(sys.argv[1:])
