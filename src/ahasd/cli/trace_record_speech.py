"""``ahasd trace record-speech``: record what a draft proposes behind every prefix of real transcripts."""

from pathlib import Path

import typer


def record_speech(
    files: list[Path] = typer.Argument(help="Sound files: WAV, FLAC and others of libsndfile."),
    output: Path = typer.Option(..., "--output", "-o", help="The file to write."),
    clips: str = typer.Option(..., help="Where the sounds came from, in words; the trace says so."),
    model: str = typer.Option("whisper-base", help="As of `ahasd transcribe`."),
    draft: str = typer.Option("whisper-tiny.en", help="As of `ahasd transcribe`."),
    steps: int = typer.Option(24, help="Draft steps behind every prefix, 1 to 24."),
    language: str = typer.Option("en", help="Of the speech."),
    timestamps: bool = typer.Option(False, "--timestamps", help="Both models mark segments by their times."),
) -> None:
    """Record a speech trace: the target's transcripts, and what a draft proposes (needs the speech extra)."""
    from ahasd.cli.models import quiet
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.show import show
    from ahasd.decoding.speech.audio.sound_file import read_sound
    from ahasd.decoding.speech.drafts.load_draft import load_draft
    from ahasd.decoding.speech.models.speech_model import load_speech_model
    from ahasd.decoding.speech.recorder import record_speech as record
    from ahasd.decoding.speech.transcriber import Transcriber
    from ahasd.report.files import check_file_writable
    from ahasd.traces.speech.files import save

    check_file_writable(output)
    sounds = [read_sound(path) for path in files]
    quiet()
    with progress_bar("loading the models"):
        loaded = load_speech_model(model)
        transcriber = Transcriber(loaded, language, timestamps)
        drafting = load_draft(draft, loaded, language, timestamps)
    with progress_bar("windows") as bar:
        trace = record(transcriber, drafting, sounds, clips, steps, bar)
    save(trace, output)
    show(f"wrote {output}: {trace.clips} clips, {len(trace.target)} tokens x {trace.length} steps\n")
