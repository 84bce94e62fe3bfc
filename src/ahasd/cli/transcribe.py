"""``ahasd transcribe``: speech to text, and which way was the fastest here."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="Sound files: WAV, FLAC and others of libsndfile.")],
    model: str = typer.Option(
        "whisper-base",
        help="whisper-base, whisper-tiny.en, or the folder of a Whisper model of transformers or CTranslate2.",
    ),
    draft: Annotated[
        list[str] | None,
        typer.Option(
            show_default="for whisper-base: whisper-base-draft and whisper-tiny.en",
            help="whisper-base-draft, whatever --model takes, or a folder of scripts/train_speech_draft.py; may be "
            "given several times.",
        ),
    ] = None,
    method: str = typer.Option(
        "auto",
        help="plain, speculative[:LENGTH], specasr[:truncation=0.5,recycling=masked,…], or auto, which compares "
        "plain with specasr on the first 30 s and goes on with the fastest.",
    ),
    language: str = typer.Option("en", help="Of the speech: a code that the model knows."),
    timestamps: bool = typer.Option(False, "--timestamps", help="Mark segments by their times."),
    audio_context: Literal["window", "clip"] = typer.Option(
        "window", help="clip: encode the clip alone instead of 30 s; faster, and the text may change."
    ),
    threads: int | None = typer.Option(None, show_default="torch's choice", help="Of torch."),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
) -> None:
    """Transcribe speech: the text, then which way was the fastest here and why (needs the speech extra).

    Every method gives the text of plain greedy decoding; only --audio-context clip may change it.
    """
    from ahasd.cli.models import quiet
    from ahasd.cli.progress import progress_bar
    from ahasd.cli.show import show, show_answer
    from ahasd.errors import AhasdError

    if threads is not None and threads < 1:
        raise AhasdError(f"--threads is {threads}; must be at least 1")
    from ahasd.decoding.backend import torch
    from ahasd.decoding.speech.audio.sound_file import read_sound
    from ahasd.decoding.speech.drafts.load_draft import load_draft, own_drafts
    from ahasd.decoding.speech.methods import methods
    from ahasd.decoding.speech.models.speech_model import load_speech_model
    from ahasd.decoding.speech.transcriber import Transcriber
    from ahasd.report.files import to_json
    from ahasd.report.transcription import (
        context_note,
        fastest_sentence,
        times_table,
        transcription_json,
        transcription_text,
    )

    sounds = [read_sound(path) for path in files]
    quiet()
    if threads is not None:
        torch.set_num_threads(threads)
    clip_only = audio_context == "clip"
    documents: list[dict[str, Any]] = []
    with progress_bar("loading the models"):
        loaded = load_speech_model(model)
        transcriber = Transcriber(loaded, language, timestamps, clip_only)
        wanted = [] if method == "plain" else draft or own_drafts(loaded.name)
        drafts = [load_draft(source, loaded, language, timestamps) for source in wanted]
        chosen = methods(method, drafts)
    for sound in sounds:
        with progress_bar("seconds of sound") as bar:

            def advance(done: float, total: float, bar: Callable[[int, int], None] = bar) -> None:
                bar(round(done), round(total))

            found = transcriber.transcribe(sound, chosen, advance)
            whole = None
            if clip_only and method == "auto":
                whole = Transcriber(loaded, language, timestamps).transcribe(sound, chosen[:1]).text
        if json_:
            documents.append(transcription_json(transcriber, found, whole))
            continue
        title = f"{sound.name}: " if len(sounds) > 1 else ""
        show(f"{title}{transcription_text(transcriber, found)}\n")
        show_answer(f"{fastest_sentence(found)}\n", err=True)
        show_answer(times_table(found.parts), err=True)
        if differing := [name for part in found.parts for name in part.differing]:
            show(
                f"Note: {', '.join(differing)} wrote another text than {chosen[0].name}, by rounding.\n",
                err=True,
            )
        if clip_only:
            show(f"Note: {context_note(found, whole)}\n", err=True)
    if json_:
        show(to_json(documents))
