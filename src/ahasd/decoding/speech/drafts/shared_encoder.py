"""A draft of one or two decoder layers that hears by its target's encoder.

Its folder holds ``speech_draft.json`` (which target, which of its layers hear for it) and
``speech_draft.safetensors``: its own layers, each matrix in int8 with a scale per row, and the tokens that it names.
Embeddings, output rows and the keys and values of the sound are the target's, so a window costs the draft nothing
before its first step, and its files are a few megabytes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors import safe_open

from ahasd.decoding.backend import torch
from ahasd.decoding.models.model_folder import naming
from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.drafts.draft import SpeechDraft, WindowDraft
from ahasd.decoding.speech.drafts.same_tokens import SameTokensDraft
from ahasd.decoding.speech.models.speech_model import SpeechModel
from ahasd.decoding.speech.runner.decoder_runner import DecoderRunner, HeardSound
from ahasd.decoding.speech.runner.decoder_weights import Affine, DecoderLayer, DecoderWeights, decoder_weights
from ahasd.decoding.speech.runner.row_products import RowProducts
from ahasd.decoding.speech.runner.token_rule import TokenRule
from ahasd.errors import AhasdError
from ahasd.text_files import DOCUMENT_BYTES, parse_json, read_text

DOCUMENT, WEIGHTS = "speech_draft.json", "speech_draft.safetensors"

#: Parts of a layer that are its own; the keys and values of the sound are the target's.
OWN_PARTS = (
    "text_norm",
    "qkv",
    "text_out",
    "sound_norm",
    "query",
    "sound_out",
    "inner_norm",
    "inner",
    "outer",
)

Tensors = Mapping[str, Any]


def is_shared_draft(source: str | Path) -> bool:
    """Say whether there lies a draft of this kind."""
    return (Path(source) / DOCUMENT).is_file()


def encoder_digest(whisper: Any) -> str:
    """Give the SHA-256 of an encoder's last norm and first convolution, which no two trained encoders share."""
    encoder = whisper.model.encoder
    parts = (encoder.conv1.weight, encoder.layer_norm.weight, encoder.layer_norm.bias)
    return hashlib.sha256(b"".join(part.detach().float().numpy().tobytes() for part in parts)).hexdigest()


class SharedEncoderDraft(SpeechDraft):
    """Drafts with layers of its own behind its target's encoder.

    Parameters
    ----------
    source
        Its folder.
    target
        The model it drafts for.
    language, timestamps
        As the target is asked.

    Raises
    ------
    AhasdError
        The files are damaged, or the draft was trained behind another encoder.
    """

    shared_encoder, retokenised = True, False

    def __init__(self, source: str | Path, target: SpeechModel, language: str, timestamps: bool) -> None:
        path = Path(source)
        self.name = path.resolve().name
        document = parse_json(
            read_text(path / DOCUMENT, f"draft {path}: {DOCUMENT} of", DOCUMENT_BYTES), f"draft {path}"
        )
        with naming(f"draft {path}: {DOCUMENT} is damaged; train the draft again"):
            trained_on, digest = str(document["target"]), str(document["encoder_sha256"])
            self._hears = [int(layer) for layer in document["hears_by_layers"]]
        if digest != encoder_digest(target.whisper):
            raise AhasdError(
                f"draft {path}: it was trained behind the encoder of {trained_on}, and {target.name} has another; "
                f"take --model {trained_on}, another draft, or train one: scripts/train_speech_draft.py"
            )
        with naming(f"draft {path}: {WEIGHTS} cannot be read; train the draft again"):
            with safe_open(path / WEIGHTS, framework="pt") as file:
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            self._weights = draft_weights(tensors, decoder_weights(target.whisper), self._hears)
        self._products = RowProducts([layer.inner.weight for layer in self._weights.layers])
        self._rule = TokenRule(target.vocabulary, timestamps, self._weights.named)
        self._prompt = target.vocabulary.prompt(language, timestamps)
        self._end = target.vocabulary.end

    @property
    def weights(self) -> DecoderWeights:
        """Of its decoder."""
        return self._weights

    def hear(self, window: Window, states: Any, heard: HeardSound, clip_only: bool) -> WindowDraft:
        """Hear a window by what the target's layers made of it; see `SpeechDraft.hear`."""
        own = HeardSound(
            [heard.keys[layer] for layer in self._hears], [heard.values[layer] for layer in self._hears]
        )
        runner = DecoderRunner(self._weights, own, self._products)
        return SameTokensDraft(runner, self._rule, self._prompt, self._end)


def draft_weights(tensors: Tensors, target: DecoderWeights, hears: Sequence[int]) -> DecoderWeights:
    """Put the draft's tensors and the target's together to a decoder."""
    named = tensors["named"].long()
    layers = []
    for index, hearing in enumerate(hears):
        own = {part: affine(tensors, f"layers.{index}.{part}") for part in OWN_PARTS}
        layers.append(DecoderLayer(heard=target.layers[hearing].heard, **own))
    return DecoderWeights(
        target.embedding,
        target.positions,
        layers,
        affine(tensors, "norm"),
        target.head[named].contiguous(),
        target.heads,
        named,
    )


def affine(tensors: Tensors, name: str) -> Affine:
    """Give a matrix or a norm in float32."""
    weight = tensors[f"{name}.weight"].float()
    if f"{name}.scale" in tensors:
        weight = weight * tensors[f"{name}.scale"].float()[:, None]
    return Affine(weight.contiguous(), tensors[f"{name}.bias"].float().contiguous())


def packed(weights: DecoderWeights) -> dict[str, Any]:
    """Give what is the draft's own: matrices in int8 with a float16 scale per row, all else in float16."""
    found: dict[str, Any] = {"named": weights.named.to(torch.int32)}
    parts = {"norm": weights.norm}
    for index, layer in enumerate(weights.layers):
        parts |= {f"layers.{index}.{part}": getattr(layer, part) for part in OWN_PARTS}
    for name, part in parts.items():
        found[f"{name}.bias"] = part.bias.half().contiguous()
        if part.weight.ndim == 1:
            found[f"{name}.weight"] = part.weight.half().contiguous()
            continue
        scale = (part.weight.abs().amax(1) / 127).clamp(min=1e-6).half()
        found[f"{name}.scale"] = scale
        found[f"{name}.weight"] = (
            (part.weight / scale.float()[:, None]).round().clamp(-127, 127).to(torch.int8)
        )
    return found
