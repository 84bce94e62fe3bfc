"""What runs of speech look like."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ahasd.errors import AhasdError
from ahasd.report.pictures.columns import Columns, Details
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.runs.base import RunView
from ahasd.report.pictures.speech.fates import parts, token_rows, transcript
from ahasd.report.pictures.view import Document
from ahasd.speech.result import SpeechResult

if TYPE_CHECKING:
    from ahasd.family.run import Run
    from ahasd.report.pictures.form import Form
    from ahasd.report.pictures.view import View


class SpeechView(RunView[SpeechResult]):
    """What takes the time, and where each token came from."""

    name = "speech"
    page = "speech.md"

    def result_type(self, document: Document) -> type[SpeechResult]:
        """Results with the section ``speech``."""
        return SpeechResult

    def figures(self, result: SpeechResult, details: Details) -> Sequence[Figure]:
        """Parts of the time, and the transcripts token by token."""
        found = [parts(result)]
        if "tokens" in details and details["tokens"].rows:
            found.append(transcript(details["tokens"]))
        return found

    def details(self, run: "Run") -> dict[str, Columns]:
        """Beside tasks, where each token of the first clips came from."""
        from ahasd.speech.run import SpeechRun

        if not isinstance(run, SpeechRun):
            raise AhasdError(f"not a run of speech: {run!r}")
        tokens = Columns.of(("clip", "place", "what"), token_rows(run.outcome.rounds))
        return super().details(run) | {"tokens": tokens}

    def form(self) -> "Form":
        """The options of ``ahasd run``."""
        from ahasd.report.pictures.runs.form import RunForm
        from ahasd.traces.speech.shipped import shipped_speech

        pairs = (
            "whisper-tiny.en:whisper-base",
            "base-two-layers:whisper-base",
            "distil-large-v3:whisper-large-v3",
        )
        return RunForm(
            self, {"pair": pairs, "trace": ("own", *shipped_speech(), "synthetic-speech:agreement=0.944")}
        )


VIEW: "View" = SpeechView()
