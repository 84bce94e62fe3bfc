"""Sound files of all kinds become one channel at 16,000 samples a second; what is none is refused by cause."""

import numpy as np
import pytest

from ahasd.decoding.speech.audio.sound_file import RATE, read_sound
from ahasd.decoding.speech.audio.windows import WINDOW_S, windows
from ahasd.errors import AhasdError

soundfile = pytest.importorskip("soundfile")
pytest.importorskip("soxr")


def tone(rate, seconds=0.5, pitch=440.0):
    return 0.5 * np.sin(2 * np.pi * pitch * np.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
@pytest.mark.parametrize("kind", ["wav", "flac"])
def test_any_rate_becomes_16000_and_the_tone_stays(tmp_path, rate, kind):
    path = tmp_path / f"a.{kind}"
    soundfile.write(path, tone(rate), rate)
    sound = read_sound(path)
    assert sound.rate == rate
    assert abs(len(sound.samples) - RATE // 2) <= 2
    assert sound.samples.dtype == np.float32
    middle = slice(1000, 7000)  # a resampler rings at the ends
    np.testing.assert_allclose(sound.samples[middle], tone(RATE)[middle], atol=2e-3)


def test_channels_are_averaged(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.stack([tone(RATE), np.zeros(RATE // 2)], 1), RATE)
    sound = read_sound(tmp_path / "a.wav")
    assert sound.channels == 2
    np.testing.assert_allclose(sound.samples, tone(RATE) / 2, atol=1e-4)


def test_what_is_no_sound_is_refused(tmp_path):
    def refused(message, name="a.wav"):
        with pytest.raises(AhasdError, match=message):
            read_sound(tmp_path / name)

    refused("no such file")
    (tmp_path / "folder.wav").mkdir()
    refused("not an ordinary file", "folder.wav")
    (tmp_path / "a.wav").write_bytes(b"")
    refused("the file is empty")
    (tmp_path / "a.wav").write_bytes(b"RIFF and nothing of it")
    refused("cannot be read")
    soundfile.write(tmp_path / "a.wav", np.full(100, 0.1), RATE)
    whole = (tmp_path / "a.wav").read_bytes()
    (tmp_path / "a.wav").write_bytes(whole[:-60])
    refused("truncated: 184 of the 244 bytes")
    (tmp_path / "a.wav").write_bytes(whole[:4] + b"\xff" * 4 + whole[8:])
    assert len(read_sound(tmp_path / "a.wav").samples) == 100, "a pipe's writer does not know the size"
    soundfile.write(tmp_path / "a.wav", np.zeros(0), RATE)
    refused("holds no sound")
    soundfile.write(tmp_path / "a.wav", np.full(100, np.nan), RATE, subtype="FLOAT")
    refused("no numbers")
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 1000)
    refused("1000 samples a second")


def test_windows_are_the_sound_and_end_where_it_is_quiet():
    draws = np.random.default_rng(0)
    samples = draws.normal(0, 0.1, 70 * RATE).astype(np.float32)
    pause = slice(int(27.3 * RATE), int(27.7 * RATE))
    samples[pause] = 0
    found = list(windows(samples))
    np.testing.assert_array_equal(np.concatenate([window.samples for window in found]), samples)
    assert all(window.seconds <= WINDOW_S for window in found)
    assert 27.3 < found[0].seconds < 27.7
    assert [window.start_s for window in found] == list(np.cumsum([0, *(w.seconds for w in found[:-1])]))


@pytest.mark.parametrize(("seconds", "count"), [(1, 1), (30, 1), (30.01, 2)])
def test_the_border_of_a_window_is_30_seconds(seconds, count):
    assert len(list(windows(np.ones(int(seconds * RATE), np.float32)))) == count


def test_nothing_has_no_windows():
    assert list(windows(np.zeros(0, np.float32))) == []
