"""How many greedy texts are not the target's own in half precision, where a pass of many tokens rounds otherwise.

Run with ``python benchmarks/half_precision.py``. The tiny pair continues the sample prompts and their beginnings in
each type of weights, alone and by drafts; texts are compared with those of the target alone in the same type, and
with those in float32.
"""

from dataclasses import dataclass

from ahasd.decoding.backend import torch
from ahasd.decoding.metrics import DecodingMetrics
from ahasd.decoding.prompts.sample_prompts import SAMPLE_PROMPTS
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.decoding.tiny_pair import draft_path, target_path

NEW_TOKENS = 128
ALGORITHMS = ("fixed:4", "adaedl")
#: Tokens of each sample prompt that the further prompts begin with.
BEGINNINGS = (2, 4, 6)


@dataclass(frozen=True, slots=True)
class Texts:
    """What a decoder wrote, prompt by prompt, and its figures."""

    tokens: tuple[tuple[int, ...], ...]
    metrics: DecodingMetrics


def write(dtype: str, algorithm: str | None) -> Texts:
    """Decode all prompts in a type; without an algorithm by the target alone."""
    decoder = SpeculativeDecoder(
        target_path(),
        None if algorithm is None else draft_path(),
        "autoregressive" if algorithm is None else "speculative",
        algorithm,
        dtype=dtype,
    )
    whole = [list(decoder.target.tokenizer(prompt.text)["input_ids"]) for prompt in SAMPLE_PROMPTS]
    prompts = [*whole, *(prompt[:length] for length in BEGINNINGS for prompt in whole)]
    out = decoder.generate(
        prompts, [[1] * len(prompt) for prompt in prompts], max_new_tokens=NEW_TOKENS, eos_token_id=()
    )
    return Texts(out.new_tokens, out.metrics)


def differing(texts: Texts, others: Texts) -> int:
    """Count the prompts whose texts differ."""
    return sum(one != other for one, other in zip(texts.tokens, others.tokens, strict=True))


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    single = write("float32", None)
    print(f"{len(single.tokens)} greedy texts of {NEW_TOKENS} tokens, tiny pair")
    for dtype in ("float32", "float16", "bfloat16"):
        alone = write(dtype, None)
        print(f"{dtype}, target alone: {differing(alone, single)} texts other than in float32")
        for algorithm in ALGORITHMS:
            texts = write(dtype, algorithm)
            print(
                f"{dtype}, {algorithm}: {differing(texts, alone)} texts other than the target's own; the two best "
                f"scores were within rounding at {texts.metrics.close_calls} of {texts.metrics.tokens} tokens"
            )


if __name__ == "__main__":
    main()
