"""How a window is decoded: a name, a draft, and what a round of it does."""

from dataclasses import dataclass

from ahasd.decoding.speech.drafts.draft import SpeechDraft
from ahasd.speculation.recycling.options import SpeechDraftOptions

PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class SpeechMethod:
    """A way to the same text.

    Parameters
    ----------
    name
        What reports call it.
    draft, options
        Both None for plain decoding.
    """

    name: str
    draft: SpeechDraft | None = None
    options: SpeechDraftOptions | None = None
