"""Sound files as Whisper wants them: one channel, 16,000 samples a second."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ahasd.errors import AhasdError

#: Samples a second that Whisper was trained on (Radford et al., arXiv 2212.04356, section 2.2).
RATE = 16_000

#: Rates that are resampled (ours): a telephone's is 8,000, a studio's at most 192,000.
LOWEST_RATE, HIGHEST_RATE = 4_000, 384_000

#: Bytes from which on a WAV file's announced size means that its writer did not know it: programs that write to a
#: pipe put 0x7FFFFFFF less a header there, or 0xFFFFFFFF.
UNKNOWN_SIZE = 0x7FFF0000

#: Hours of sound at most (ours): more does not fit into memory with all its parts.
MOST_HOURS = 6

HOW = "pip install 'ahasd[speech]'"

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """What a file holds.

    Parameters
    ----------
    name
        Of the file, without its folder.
    samples
        (samples,) float32 in [-1, 1], at 16,000 a second.
    channels, rate
        What the file had.
    """

    name: str
    samples: Samples
    channels: int
    rate: int

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def read_sound(path: str | Path) -> Sound:
    """Read a WAV or FLAC file (or another that libsndfile reads); channels are averaged, other rates resampled.

    Raises
    ------
    AhasdError
        There is no such file, it is empty, damaged or too long, holds no sound or what is no number, or the
        libraries are missing.
    """
    path = Path(path)
    soundfile = _library("soundfile")
    if not path.is_file():
        raise AhasdError(f"sound {path}: {'not an ordinary file' if path.exists() else 'no such file'}")
    if path.stat().st_size == 0:
        raise AhasdError(f"sound {path}: the file is empty")
    try:
        _check_size(path)
        with soundfile.SoundFile(path) as file:
            rate, channels, frames = int(file.samplerate), int(file.channels), int(file.frames)
            _check(path, rate, frames)
            samples = file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError, RuntimeError, ValueError) as error:
        raise AhasdError(
            f"sound {path}: cannot be read ({error}); take a WAV or FLAC file, and convert others first: "
            "ffmpeg -i FILE out.wav"
        ) from error
    if len(samples) < frames:
        raise AhasdError(f"sound {path}: truncated: {len(samples)} of the {frames} samples it announces")
    if not np.isfinite(samples).all():
        raise AhasdError(f"sound {path}: holds samples that are no numbers")
    return Sound(path.name, resampled(samples.mean(axis=1, dtype=np.float32), rate), channels, rate)


def resampled(samples: Samples, rate: int) -> Samples:
    """Give samples of another rate at 16,000 a second."""
    if rate == RATE:
        return np.ascontiguousarray(samples)
    return np.asarray(_library("soxr").resample(samples, rate, RATE), np.float32)


def _check_size(path: Path) -> None:
    """See that a WAV file is as long as it says, since libsndfile reads what there is of a shorter one."""
    with path.open("rb") as file:
        start = file.read(12)
    if len(start) < 12 or start[:4] != b"RIFF" or start[8:] != b"WAVE":
        return
    announced, there = int.from_bytes(start[4:8], "little") + 8, path.stat().st_size
    if there < announced < UNKNOWN_SIZE:
        raise AhasdError(
            f"sound {path}: truncated: {there} of the {announced} bytes that it announces; fetch it again, or write "
            "what there is of it anew: ffmpeg -i FILE out.wav"
        )


def _check(path: Path, rate: int, frames: int) -> None:
    if frames <= 0:
        raise AhasdError(f"sound {path}: holds no sound")
    if not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise AhasdError(f"sound {path}: {rate} samples a second; must be {LOWEST_RATE} to {HIGHEST_RATE}")
    if frames > MOST_HOURS * 3600 * rate:
        raise AhasdError(
            f"sound {path}: {frames / rate / 3600:.1f} hours; at most {MOST_HOURS} are read, so cut it"
        )


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise AhasdError(f"reading sound needs the package {name} ({error}); {HOW}") from error
