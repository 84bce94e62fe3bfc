import numpy as np
import pytest


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A target, a draft that shares its tokens, one that shares its encoder too, and one of other tokens."""
    from .small_whisper import small_whisper

    at = tmp_path_factory.mktemp("whisper")
    return {
        "target": small_whisper(at / "target", seed=1),
        "same": small_whisper(at / "same", seed=1, shaken=0.02, shaken_encoder=0.02),
        "shared": small_whisper(at / "shared", seed=1, shaken=0.02),
        "other": small_whisper(
            at / "other", seed=2, words="sailing ships storms passing speaking years again"
        ),
    }


@pytest.fixture(scope="session")
def target(folders):
    from ahasd.decoding.speech.models.speech_model import load_speech_model

    return load_speech_model(folders["target"])


@pytest.fixture(scope="session")
def noise():
    """Sounds of a second or two."""
    draws = np.random.default_rng(0)
    return [draws.normal(0, 0.1, size).astype(np.float32) for size in (16000, 40000)]
