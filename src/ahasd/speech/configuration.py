"""What a run of speech is asked for."""

from ahasd.family.configuration import Configuration
from ahasd.speech.run_options import SpeechOptions


class SpeechConfiguration(SpeechOptions, Configuration):
    """A system, a pair of models, a trace of clips and a machine."""
