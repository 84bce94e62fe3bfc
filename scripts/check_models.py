"""See that the packaged models are the ones that figures rest on, and that they answer as they should.

Usage: ``python scripts/check_models.py``, which ``make models`` calls.
"""

import hashlib

from ahasd.decoding.models.find_model import PACKAGED, packaged_file
from ahasd.decoding.models.gguf_model import dequantised_size
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.decoding.speech.models.packaged import PACKAGED as WHISPER
from ahasd.decoding.speech.models.speech_model import load_speech_model
from ahasd.errors import AhasdError

#: Asked of every model in its own chat format, and what each answers by greedy decoding in float32.
QUESTION = "What is the capital of France?"
ANSWERS = {"smollm2-135m": "The capital of France is Paris.<|im_end|>"}


def main() -> None:
    """Check the hash of each file and one answer.

    Raises
    ------
    SystemExit
        A package is missing, holds another file, or its model answers otherwise.
    """
    for name, (package, _, expected, licence) in PACKAGED.items():
        path = packaged_file(name)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != expected:
            raise SystemExit(
                f"{name}: {path} has SHA-256 {found}, not {expected}; pip install the version pinned"
            )
        answer = ask(name)
        if answer != ANSWERS[name]:
            raise SystemExit(f"{name}: answers {answer!r} to {QUESTION!r}, not {ANSWERS[name]!r}")
        print(f"{name} ({licence}): {package}, {dequantised_size(path)}; answers {answer!r}")
    for name, packaged in WHISPER.items():
        try:
            parameters = sum(weight.numel() for weight in load_speech_model(name).whisper.parameters())
        except AhasdError as error:
            raise SystemExit(str(error)) from error
        print(
            f"{name} ({packaged.licence}): {' and '.join(packaged.packages)}, {parameters / 1e6:.1f} M parameters"
        )


def ask(name: str) -> str:
    """Give a model's greedy answer."""
    with SpeculativeDecoder(name, method="autoregressive") as decoder:
        tokenizer = decoder.target.tokenizer
        text = tokenizer.apply_chat_template(
            [{"role": "user", "content": QUESTION}], add_generation_prompt=True, tokenize=False
        )
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        return str(tokenizer.decode(decoder.generate(tokens, max_new_tokens=32).new_tokens[0]))


if __name__ == "__main__":
    main()
