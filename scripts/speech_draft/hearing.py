"""What the target hears and writes of synthesised voices: kept, one file a clip."""

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from ahasd.decoding.speech.audio.sound_file import read_sound
from ahasd.decoding.speech.audio.windows import WINDOW_S, Window
from ahasd.decoding.speech.encoder import encode
from ahasd.decoding.speech.models.speech_model import SpeechModel
from ahasd.decoding.speech.runner.decoder_runner import DecoderRunner, hear
from ahasd.decoding.speech.runner.decoder_weights import DecoderWeights
from ahasd.decoding.speech.runner.row_products import RowProducts
from ahasd.decoding.speech.runner.token_rule import TokenRule

#: Voices of flite that speak at 16,000 samples a second, and one at 8,000.
VOICES = ("slt", "rms", "awb", "kal16")

#: Tokens of the text that was read aloud which one pass holds against what the target writes, and tokens that must
#: agree for the two to be in step.
AHEAD, IN_STEP = 15, 2


class Hearing:
    """Writes and reads clips.

    Parameters
    ----------
    model, weights
        The target.
    flite
        The program.
    folder
        Where clips are kept.
    """

    def __init__(self, model: SpeechModel, weights: DecoderWeights, flite: Path, folder: Path) -> None:
        self._model, self._weights, self._flite, self._folder = model, weights, flite, folder
        self._products = RowProducts([layer.inner.weight for layer in weights.layers])
        self._rule = TokenRule(model.vocabulary, timestamps=False)
        self._prompt = list(model.vocabulary.prompt("en", timestamps=False))

    def clip(self, number: int, text: str) -> dict[str, Any]:
        """Give a clip: states of the encoder, the tokens with the prompt, and the target's own hidden states."""
        path = self._folder / f"{number:05}.safetensors"
        if not path.is_file():
            self._folder.mkdir(parents=True, exist_ok=True)
            save_file(self._write(number, text), path)
        return dict(load_file(path))

    def _write(self, number: int, text: str) -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            sound = Path(folder) / "sound.wav"
            voice = VOICES[number % len(VOICES)]
            subprocess.run([self._flite, "-voice", voice, "-t", text, "-o", sound], check=True)
            samples = read_sound(sound).samples[: WINDOW_S * 16000]
        states = encode(self._model, Window(0.0, samples))
        runner = DecoderRunner(self._weights, hear(self._weights, states), self._products)
        runner.forward(self._prompt[:-1])
        known = self._model.vocabulary.tokenizer.encode(f" {text}", add_special_tokens=False).ids
        end = self._model.vocabulary.end
        tokens, hidden = list(self._prompt), []
        while tokens[-1] != end and len(tokens) < 200:
            # What was read aloud is nearly what the target writes: verified, it takes a few passes instead of many.
            written, cached = tokens[len(self._prompt) :], runner.length
            ahead = in_step([*known, end], written)[:AHEAD]
            logits = runner.forward([tokens[-1], *ahead])
            chosen = self._rule.choose(logits, [written + ahead[:count] for count in range(len(ahead) + 1)])
            right = 0
            while right < len(ahead) and ahead[right] == chosen[right] != end:
                right += 1
            hidden += [state.clone() for state in runner.states[: right + 1]]
            tokens += chosen[: right + 1]
            runner.roll_back(cached + right + 1)
        return {
            "states": states.half(),
            "tokens": torch.tensor(tokens, dtype=torch.int32),
            "hidden": torch.stack(hidden),
        }


def in_step(known: Sequence[int], written: Sequence[int]) -> list[int]:
    """Give what a text goes on with behind the last tokens written, at the nearest such place."""
    if len(written) < IN_STEP:
        return list(known[len(written) :])
    last = list(written[-IN_STEP:])
    places = [at for at in range(IN_STEP, len(known)) if list(known[at - IN_STEP : at]) == last]
    return list(known[min(places, key=lambda at: abs(at - len(written))) :]) if places else []
