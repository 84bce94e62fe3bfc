"""The encoder: from a window of sound to what decoders attend to."""

from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.speech.audio.sound_file import RATE
from ahasd.decoding.speech.audio.windows import WINDOW_S, Window
from ahasd.decoding.speech.models.speech_model import SpeechModel

#: Frames that are kept behind the end of a clip where only the clip is encoded (whisper.cpp pull request 3532 leaves
#: as much room; fewer make the model repeat itself).
ROOM_FRAMES = 128


def encode(model: SpeechModel, window: Window, clip_only: bool = False) -> Any:
    """Give the encoder's states (frames, width) of a window.

    Parameters
    ----------
    model
        Whose encoder.
    window
        Filled up with silence to the 30 s that the model was trained on.
    clip_only
        Encode the clip and `ROOM_FRAMES` frames instead. An approximation: the text may change.
    """
    spectrogram = model.features(window.samples, sampling_rate=RATE, return_tensors="pt").input_features
    encoder = model.whisper.model.encoder
    with torch.inference_mode():
        if not clip_only:
            return encoder(spectrogram).last_hidden_state[0]
        frames = min(model.heard, round(window.seconds / WINDOW_S * model.heard) + ROOM_FRAMES)
        return _encode_frames(encoder, spectrogram[:, :, : 2 * frames], frames)


def _encode_frames(encoder: Any, spectrogram: Any, frames: int) -> Any:
    """Run the layers on fewer frames, which transformers refuses to."""
    gelu = torch.nn.functional.gelu
    x = gelu(encoder.conv2(gelu(encoder.conv1(spectrogram)))).permute(0, 2, 1)
    x = x + encoder.embed_positions.weight[:frames]
    for layer in encoder.layers:
        out = layer(x, None)
        x = out[0] if isinstance(out, tuple) else out
    return encoder.layer_norm(x)[0]
