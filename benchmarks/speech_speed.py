"""CPU time of Whisper base's decoding: ours, transformers' greedy, CTranslate2's, and drafts, in one run.

Usage: ``python benchmarks/speech_speed.py FILE… [--draft NAME …] [--times N]``; needs the models (``make models``).
One thread; everything is measured by turns on the same clips, so that the ratios hold on a loaded machine too.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import process_time
from typing import Any

import torch
from transformers.modeling_outputs import BaseModelOutput

from ahasd.decoding.speech.audio.sound_file import read_sound
from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.drafts.draft import SpeechDraft
from ahasd.decoding.speech.drafts.load_draft import load_draft, own_drafts
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.method import PLAIN, SpeechMethod
from ahasd.decoding.speech.models.packaged import PACKAGED, packaged_path
from ahasd.decoding.speech.models.speech_model import load_speech_model
from ahasd.decoding.speech.part_times import PARTS
from ahasd.decoding.speech.transcriber import MethodRun, Transcriber
from ahasd.report.table import Table, left, right
from ahasd.speech.recycling.options import SpeechDraftOptions

TARGET = "whisper-base"

#: The drafts whose steps the others' are held against: as long as SpecASR's, with none of its parts.
REFERENCE = "24"

#: Parts of SpecASR, each alone and together; ``recycling`` is told by the draft's tokenizer.
SETTINGS: dict[str, dict[str, Any]] = {
    "4": {"longest": 4},
    "8": {"longest": 8},
    REFERENCE: {},
    "24, truncated": {"truncation": 0.5},
    "24, recycled": {"recycling": True},
    "24, tree": {"branching": 0.5},
    "24, truncated and recycled": {"truncation": 0.5, "recycling": True},
    "24, all three": {"truncation": 0.5, "recycling": True, "branching": 0.5},
}


@dataclass
class Row:
    """What one way took, over all clips; CPU seconds, and passes."""

    encoder: float = 0.0
    draft: float = 0.0
    verify: float = 0.0
    rounds: int = 0
    steps: int = 0
    proposed: int = 0
    accepted: int = 0

    @property
    def decoding(self) -> float:
        """Seconds of all but the encoder."""
        return self.draft + self.verify

    def add(self, run: MethodRun) -> None:
        """Count a run."""
        for part in PARTS:
            setattr(self, part, getattr(self, part) + run.times.cpu[part])
        self.rounds += run.decoded.target_passes
        for found in run.decoded.rounds:
            self.steps += found.draft_passes
            self.proposed += len(found.drafted.tree.tokens)
            self.accepted += len(found.verdict.accepted)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--draft", nargs="*", default=None)
    parser.add_argument("--times", type=int, default=1, help="Rounds over all clips.")
    given = parser.parse_args()
    torch.set_num_threads(1)
    model = load_speech_model(TARGET)
    transcriber = Transcriber(model)
    names = own_drafts(TARGET) if given.draft is None else given.draft
    drafts = [load_draft(name, model, "en", timestamps=False) for name in names]
    drafted = [method for draft in drafts for method in _methods(draft)]
    windows = [Window(0.0, read_sound(path).samples) for path in given.files] * given.times
    transcriber.window(windows[0], [SpeechMethod(PLAIN), *drafted])  # not counted: libraries warm up
    rows: dict[str, Row] = {}
    tokens = 0
    with tempfile.TemporaryDirectory() as folder:
        peers = _peers(Path(folder))
        for number, window in enumerate(windows):
            # Plain first, since its text counts; the others by turns.
            turn = number % len(drafted)
            part = transcriber.window(window, [SpeechMethod(PLAIN), *drafted[turn:], *drafted[:turn]])
            if part.differing or part.decoded is None:
                raise SystemExit(f"not lossless: {part.differing}")
            text = list(part.decoded.tokens)
            tokens += len(text)
            for run in part.runs:
                rows.setdefault(run.method.name, Row()).add(run)
            heard = part.runs[0].times.cpu["encoder"]
            _count(rows, "transformers' greedy", text, heard, _transformers(transcriber, window))
            for name, peer in peers.items():
                start = process_time()
                decode = _peer(peer, transcriber, window)
                _count(rows, name, text, process_time() - start, decode)
    print(_table(rows, [PLAIN, *(method.name for method in drafted)], tokens, windows).terminal())


def _methods(draft: SpeechDraft) -> list[SpeechMethod]:
    recycling = "reuse" if draft.retokenised else "masked"
    found = []
    for name, values in SETTINGS.items():
        if draft.retokenised and "branching" in values:
            continue  # a tree asks the draft about the target's tokens
        options = SpeechDraftOptions(**values | ({"recycling": recycling} if "recycling" in values else {}))
        found.append(SpeechMethod(f"{draft.name}: {name}", draft, options))
    return found


def _count(
    rows: dict[str, Row], name: str, text: list[int], heard: float, decode: Callable[[], list[int]]
) -> None:
    start = process_time()
    found = decode()
    row = rows.setdefault(name, Row())
    row.verify += process_time() - start
    row.encoder += heard
    if found != text[: len(found)] or len(found) < len(text) - 1:
        print(f"{name} wrote another text", flush=True)


def _table(rows: dict[str, Row], order: list[str], tokens: int, windows: list[Window]) -> Table:
    plain = rows[PLAIN]
    named = [*order, *(name for name in rows if name not in order)]
    cells = []
    for name in named:
        row, reference = rows[name], rows.get(f"{name.split(': ')[0]}: {REFERENCE}")
        drafted = reference is not None
        cells.append(
            (
                name,
                f"{row.encoder:.2f}",
                f"{row.draft:.2f}",
                f"{row.verify:.2f}",
                f"{1000 * row.decoding / tokens:.1f}",
                f"{plain.decoding / row.decoding:.2f}x",
                f"{(plain.encoder + plain.decoding) / (row.encoder + row.decoding):.2f}x",
                f"{row.rounds}" if row.rounds else "-",
                f"{row.steps / tokens:.2f}" if drafted else "-",
                f"{row.steps / reference.steps - 1:+.1%}" if reference is not None else "-",
                f"{row.accepted / row.proposed:.3f}" if drafted else "-",
            )
        )
    columns = (
        *left("way"),
        *right("encoder s", "draft s", "verify s", "ms/token", "decoding", "end to end"),
        *right("target passes", "draft steps/token", f"against {REFERENCE}", "accepted"),
    )
    sound = sum(window.seconds for window in windows)
    notes = [
        f"{len(windows)} clips, {sound:.0f} s, {tokens} tokens; CPU seconds of one thread; factors over plain.",
        "The draft's encoder, where it has one, is counted to the draft.",
    ]
    return Table(columns, cells, notes=notes)


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
