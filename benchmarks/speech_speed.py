"""CPU time of Whisper base's decoding: ours, transformers' greedy, CTranslate2's, and drafts, in one run.

Usage: ``python benchmarks/speech_speed.py FILE… [--draft NAME …]``; needs the models (``make models``). One thread;
everything is measured by turns on the same clips, so that the ratios hold on a loaded machine too.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time
from typing import Any

import torch
from transformers.modeling_outputs import BaseModelOutput

from ahasd.decoding.speech.audio.sound_file import read_sound
from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.drafts.load_draft import load_draft, own_drafts
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.method import PLAIN, SpeechMethod
from ahasd.decoding.speech.models.packaged import PACKAGED, packaged_path
from ahasd.decoding.speech.models.speech_model import load_speech_model
from ahasd.decoding.speech.part_times import PARTS
from ahasd.decoding.speech.transcriber import Transcriber
from ahasd.speculation.recycling.options import SpeechDraftOptions

TARGET = "whisper-base"

SETTINGS = {
    "fixed 4": SpeechDraftOptions(longest=4),
    "fixed 24": SpeechDraftOptions(),
    "truncated": SpeechDraftOptions(truncation=0.5),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--draft", nargs="*", default=None)
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = load_speech_model(TARGET)
    transcriber = Transcriber(model)
    names = own_drafts(TARGET) if given.draft is None else given.draft
    methods = [SpeechMethod(PLAIN)]
    for name in names:
        draft = load_draft(name, model, "en", timestamps=False)
        own = SETTINGS | {
            "truncated, recycled": SpeechDraftOptions(
                truncation=0.5, recycling="reuse" if draft.retokenised else "masked"
            )
        }
        if not draft.retokenised:
            own["tree"] = SpeechDraftOptions(longest=12, branching=0.5)
        methods += [SpeechMethod(f"{key} with {name}", draft, value) for key, value in own.items()]
    windows = [Window(0.0, read_sound(path).samples) for path in given.files]
    seconds: dict[str, dict[str, float]] = {}
    tokens = 0
    with tempfile.TemporaryDirectory() as folder:
        peers = _peers(Path(folder))
        for window in windows:
            part = transcriber.window(window, methods)
            if part.differing or part.decoded is None:
                raise SystemExit(f"not lossless: {part.differing}")
            text = list(part.decoded.tokens)
            tokens += len(text)
            for run in part.runs:
                row = seconds.setdefault(run.method.name, dict.fromkeys(PARTS, 0.0))
                for of in PARTS:
                    row[of] += run.times.cpu[of]
                row["rounds"] = row.get("rounds", 0) + run.decoded.target_passes
                row["steps"] = row.get("steps", 0) + sum(found.draft_passes for found in run.decoded.rounds)
            others: dict[str, Callable[[], list[int]]] = {
                "transformers' greedy": _transformers(transcriber, window)
            }
            others |= {name: _peer(peer, transcriber, window) for name, peer in peers.items()}
            for name, decode in others.items():
                start = process_time()
                found = decode()
                row = seconds.setdefault(name, dict.fromkeys(PARTS, 0.0))
                row["verify"] += process_time() - start
                if found != text[: len(found)] or len(found) < len(text) - 1:
                    print(f"{name} wrote another text", flush=True)
    print(f"{len(windows)} clips, {sum(w.seconds for w in windows):.0f} s, {tokens} tokens; CPU s")
    for name, row in seconds.items():
        parts = "  ".join(f"{part} {row[part]:.2f}" for part in PARTS)
        passes = f"  passes {row.get('rounds', 0):.0f}  draft passes {row.get('steps', 0):.0f}"
        print(
            f"{name:40s} {parts}  decoding {1000 * (row['draft'] + row['verify']) / tokens:.1f} ms/token{passes}"
        )


def _transformers(transcriber: Transcriber, window: Window) -> Callable[[], list[int]]:
    """Its own greedy loop, with the suppressed tokens left out, behind our encoder's states."""
    whisper, vocabulary = transcriber.model.whisper, transcriber.model.vocabulary
    states = BaseModelOutput(encode(transcriber.model, window)[None])
    prompt = list(transcriber.prompt)

    def decode() -> list[int]:
        with torch.inference_mode():
            found = whisper.generate(
                encoder_outputs=states,
                decoder_input_ids=torch.tensor([prompt]),
                suppress_tokens=list(vocabulary.suppressed),
                begin_suppress_tokens=list(vocabulary.suppressed_first),
                do_sample=False,
                max_new_tokens=224,
                eos_token_id=vocabulary.end,
                pad_token_id=vocabulary.end,
                forced_decoder_ids=None,
            )
        tokens = found[0].tolist()
        return list(tokens[len(prompt) :] if tokens[: len(prompt)] == prompt else tokens)

    return decode


def _peers(folder: Path) -> dict[str, Any]:
    import ctranslate2

    packaged = PACKAGED[TARGET]
    parts = [packaged_path(TARGET, *part).read_bytes() for part in packaged.parts]
    (folder / "model.bin").write_bytes(b"".join(parts))
    for document in packaged_path(TARGET, *packaged.documents).glob("*.json"):
        (folder / document.name).write_bytes(document.read_bytes())
    return {
        f"CTranslate2 {kind}": ctranslate2.models.Whisper(str(folder), compute_type=kind, intra_threads=1)
        for kind in ("float32", "int8")
    }


def _peer(peer: Any, transcriber: Transcriber, window: Window) -> Callable[[], list[int]]:
    """CTranslate2's greedy behind its own encoder's states."""
    import ctranslate2

    spectrogram = transcriber.model.features(window.samples, sampling_rate=16000, return_tensors="np")
    states = peer.encode(ctranslate2.StorageView.from_array(spectrogram.input_features))
    prompt = list(transcriber.prompt)

    def decode() -> list[int]:
        return list(peer.generate(states, [prompt], beam_size=1, max_length=228)[0].sequences_ids[0])

    return decode


if __name__ == "__main__":
    main()
