"""A draft of transcripts: what it is, and what it is of one window."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from ahasd.decoding.speech.audio.windows import Window
from ahasd.decoding.speech.runner.decoder_runner import HeardSound
from ahasd.speculation.recycling.draft_source import DraftSource


class WindowDraft(ABC):
    """A draft that has heard a window."""

    @abstractmethod
    def behind(self, text: Sequence[int]) -> DraftSource:
        """Give the source of a round behind a text of the target's tokens, without its prompt.

        What an earlier source of this window wrote is forgotten where the text went another way.
        """

    @property
    @abstractmethod
    def passes(self) -> int:
        """Passes of the draft's decoder so far."""


class SpeechDraft(ABC):
    """A draft for one target.

    Life cycle: made once for its target; `hear` once for each window, then `behind` at the beginning of every round.
    """

    name: str
    #: Whether it attends to the target's encoder.
    shared_encoder: bool
    #: Whether its text is written in the target's tokens from another tokenizer's.
    retokenised: bool

    @abstractmethod
    def hear(self, window: Window, states: Any, heard: HeardSound, clip_only: bool) -> WindowDraft:
        """Hear a window.

        Parameters
        ----------
        window
            For an encoder of the draft's own.
        states, heard
            The target's encoder's states of it, and what the target's decoder makes of them.
        clip_only
            See `ahasd.decoding.speech.encoder.encode`.
        """
