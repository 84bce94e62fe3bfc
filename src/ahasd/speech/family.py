"""Speech as a family."""

from ahasd.family.family import Family
from ahasd.speech.configuration import SpeechConfiguration
from ahasd.speech.result import SpeechResult
from ahasd.speech.run import SpeechRun
from ahasd.speech.system import SYSTEMS

FAMILY = Family(
    name="speech",
    description="transcripts: a model that hears writes what another one drafts, encoders included",
    systems=SYSTEMS,
    configuration=SpeechConfiguration,
    result=SpeechResult,
    start=SpeechRun,
)
