"""Train the draft behind Whisper base's encoder, on voices of flite that read other texts than the tested ones.

Usage: ``python scripts/train_speech_draft.py --output DIR --texts DIR --flite PROGRAM [--tested FILE …]
[--clips N] [--epochs N] [--heard DIR] [--seed 0]``; needs the model (``make models``). ``--texts`` is the folder of
Debian's `fortunes` (/usr/share/games/fortunes), ``--flite`` the program of Debian's `flite`, ``--tested`` the files
with the transcripts of the clips that figures are stated on: texts that share five words in a row with them are left
out.

The target hears every clip once, and what it heard and wrote stays in the folder ``--heard``. Everything is drawn
from the seed. Whisper is MIT (OpenAI); the draft derives from its weights and transcripts.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from time import process_time

import torch
from safetensors.torch import save_file

from ahasd.decoding.speech.drafts.shared_encoder import DOCUMENT, WEIGHTS, encoder_digest, packed
from ahasd.decoding.speech.models.packaged import PACKAGED
from ahasd.decoding.speech.models.speech_model import load_speech_model
from ahasd.decoding.speech.runner.decoder_weights import decoder_weights
from speech_draft.hearing import VOICES, Hearing
from speech_draft.texts import read_texts
from speech_draft.training import agreement, examples, first_weights, train

TARGET = "whisper-base"

#: The target's layers that the draft's begin as, and whose keys and values of the sound it uses.
LAYERS = (0, 5)

#: Tokens that it names, the most frequent of the texts; the others are the target's alone.
NAMED = 6000

#: One clip in so many is held out.
HELD_OUT = 10

RATE = 5e-4


def main() -> None:
    """Train and save."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--flite", type=Path, required=True)
    parser.add_argument("--tested", type=Path, nargs="*", default=[])
    parser.add_argument("--heard", type=Path, default=Path("results/speech-draft"))
    parser.add_argument("--clips", type=int, default=120)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    started = process_time()
    torch.manual_seed(given.seed)

    model = load_speech_model(TARGET)
    target = decoder_weights(model.whisper)
    texts = read_texts(given.texts, [path.read_text() for path in given.tested], given.seed)
    named = frequent_tokens(model.vocabulary, texts)
    hearing = Hearing(model, target, given.flite, given.heard)
    clips = []
    for number, text in enumerate(texts[: given.clips]):
        clips.append(hearing.clip(number, text))
        if number % 10 == 9:
            print(f"{number + 1} clips heard, {process_time() - started:.0f} CPU s", flush=True)
    prompt = len(model.vocabulary.prompt("en", timestamps=False))
    data = examples(clips, target, LAYERS, named, prompt)
    held_out, shown = data[::HELD_OUT], [example for at, example in enumerate(data) if at % HELD_OUT]
    weights = first_weights(target, LAYERS, named)
    untrained = agreement(weights, held_out)
    print(f"untrained: agreement {untrained:.3f}", flush=True)
    train(weights, shown, given.epochs, RATE, given.seed, lambda line: print(line, flush=True))
    trained = agreement(weights, held_out)
    seconds = process_time() - started
    print(f"trained: agreement {trained:.3f}, {seconds:.0f} CPU s", flush=True)

    given.output.mkdir(parents=True, exist_ok=True)
    save_file(packed(weights), given.output / WEIGHTS)
    document = {
        "target": TARGET,
        "encoder_sha256": encoder_digest(model.whisper),
        "hears_by_layers": list(LAYERS),
    }
    (given.output / DOCUMENT).write_text(json.dumps(document, indent=1) + "\n")
    record = {
        "target": {"name": TARGET, "sha256": PACKAGED[TARGET].sha256, "licence": PACKAGED[TARGET].licence},
        "texts": "Debian fortunes, read by flite's voices " + ", ".join(VOICES),
        "clips": len(shown),
        "held_out_clips": len(held_out),
        "tokens": sum(len(example.wanted) for example in shown),
        "epochs": given.epochs,
        "held_out_agreement": round(trained, 4),
        "held_out_agreement_untrained": round(untrained, 4),
        "seed": given.seed,
    }
    (given.output / "training.json").write_text(json.dumps(record, indent=1) + "\n")


def frequent_tokens(vocabulary: object, texts: list[str]) -> torch.Tensor:
    """Give the most frequent tokens of the texts, the end token among them, rising."""
    from ahasd.decoding.speech.models.vocabulary import SpeechVocabulary

    assert isinstance(vocabulary, SpeechVocabulary)
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(vocabulary.tokenizer.encode(f" {text}", add_special_tokens=False).ids)
    never = {*vocabulary.suppressed, vocabulary.end}
    frequent = [token for token, _ in counts.most_common() if token not in never][: NAMED - 1]
    return torch.tensor(sorted([*frequent, vocabulary.end]))


if __name__ == "__main__":
    main()
