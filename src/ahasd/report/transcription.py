"""What a transcription is: its text, what each part took, and which way was the fastest here and why."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left, right

if TYPE_CHECKING:
    from ahasd.decoding.speech.transcriber import MethodRun, Transcriber, Transcription, WindowText

#: Two ways are as fast as one another if they differ by no more (ours).
AS_FAST = 0.01

_PLAIN = "plain"


def transcription_text(transcriber: "Transcriber", found: "Transcription") -> str:
    """Give the text of a sound, by segments with times where they were asked for."""
    if not found.text:
        return "(no speech)"
    if not transcriber.timestamps:
        return found.text
    lines = []
    for part in found.parts:
        for start, end, text in transcriber.segments(part):
            lines.append(f"[{_clock(start)} – {'end' if end is None else _clock(end)}] {text}")
    return "\n".join(lines)


def fastest_sentence(found: "Transcription") -> str:
    """Say in one sentence which method was the fastest on this sound, and why."""
    runs, seconds = _compared(found.parts)
    if not runs:
        return "Nothing was decoded: the sound is silent."
    best = min(runs, key=lambda run: run.times.whole)
    share = best.times.cpu["encoder"] / best.times.whole
    took = (
        f"{best.times.whole:.2f} CPU s for {seconds:.1f} s of sound, {share:.0%} of it the encoder, which no "
        "draft makes faster"
    )
    if len(runs) == 1:
        return f"Only {best.method.name} was run: {took}; --method auto compares."
    plain = next((run for run in runs if run.method.name == _PLAIN), None)
    if plain is None:
        return f"Fastest here: {best.method.name}, {took}."
    if best is not plain:
        return f"Fastest here: {best.method.name}, {took}; {_gain(plain, best)}."
    others = [run for run in runs if run is not plain]
    least = min(others, key=lambda run: run.times.whole)
    return f"Fastest here: plain decoding, {took}; {_loss(plain, least)}."


def times_table(parts: Sequence["WindowText"]) -> str:
    """Tabulate what each part took, by method, over the windows that all methods decoded."""
    runs, _ = _compared(parts)
    if not runs:
        return ""
    rows = [
        [
            run.method.name,
            *(f"{run.times.cpu[name]:.2f}" for name in ("encoder", "draft", "verify")),
            f"{run.times.whole:.2f}",
            str(run.decoded.target_passes),
            str(sum(found.draft_passes for found in run.decoded.rounds)),
        ]
        for run in runs
    ]
    columns = left("method") + right("encoder", "draft", "verify", "CPU s", "target passes", "draft passes")
    return fitted(Table(columns, rows))


def transcription_json(
    transcriber: "Transcriber", found: "Transcription", whole_context: str | None
) -> dict[str, Any]:
    """Everything, for programs.

    Parameters
    ----------
    whole_context
        The text by the whole context, where only the clip was encoded and both were compared.
    """
    return {
        "file": found.sound.name,
        "seconds": found.sound.seconds,
        "model": transcriber.model.name,
        "language": transcriber.language,
        "text": found.text,
        "sentence": fastest_sentence(found),
        "audio_context": "clip" if transcriber.clip_only else "window",
        "text_by_the_whole_context": whole_context,
        "windows": [_window(transcriber, part) for part in found.parts],
    }


def context_note(found: "Transcription", whole_context: str | None) -> str:
    """Say what encoding the clip alone is, and whether it changed this text."""
    base = "--audio-context clip is an approximation, not a lossless way"
    if whole_context is None:
        return f"{base}: the text may differ from that of the whole window; --method auto compares."
    if whole_context == found.text:
        return f"{base}; here the text is that of the whole window."
    return f"{base}; here it changed the text, which is by the whole window: {whole_context}"


def _compared(parts: Sequence["WindowText"]) -> tuple[Sequence["MethodRun"], float]:
    """Add up, method by method, the windows that as many methods decoded as any; with their seconds of sound."""
    most = max((len(part.runs) for part in parts), default=0)
    together = [part for part in parts if len(part.runs) == most and most]
    seconds = sum(part.window.seconds for part in together)
    by_name = [{run.method.name: run for run in part.runs} for part in together]
    return [_added([of[name] for of in by_name]) for name in (by_name[0] if by_name else ())], seconds


def _added(runs: Sequence["MethodRun"]) -> "MethodRun":
    """Give one run of all windows of a method."""
    first, *others = runs
    times = replace(first.times, wall=dict(first.times.wall), cpu=dict(first.times.cpu))
    for run in others:
        times.add(run.times)
    decoded = replace(
        first.decoded,
        tokens=[token for run in runs for token in run.decoded.tokens],
        rounds=[found for run in runs for found in run.decoded.rounds],
        target_passes=sum(run.decoded.target_passes for run in runs),
    )
    return replace(first, decoded=decoded, times=times)


def _window(transcriber: "Transcriber", part: "WindowText") -> dict[str, Any]:
    segments = transcriber.segments(part) if transcriber.timestamps else ()
    return {
        "start_s": part.window.start_s,
        "seconds": part.window.seconds,
        "text": transcriber.text(part).strip(),
        "tokens": [] if part.decoded is None else list(part.decoded.tokens),
        "no_speech_probability": None if part.decoded is None else part.decoded.no_speech,
        "segments": [{"start_s": start, "end_s": end, "text": text} for start, end, text in segments],
        "methods": [_run(run) for run in part.runs],
        "differing": list(part.differing),
    }


def _run(run: "MethodRun") -> dict[str, Any]:
    drafted = [found.drafted for found in run.decoded.rounds]
    return {
        "method": run.method.name,
        "cpu_s": dict(run.times.cpu),
        "wall_s": dict(run.times.wall),
        "target_passes": run.decoded.target_passes,
        "draft_passes": sum(found.draft_passes for found in run.decoded.rounds),
        "proposed": sum(len(found.tree.tokens) for found in drafted),
        "drafted": sum(found.drafted for found in drafted),
        "confirmed": sum(found.confirmed for found in drafted),
        "reused": sum(found.reused for found in drafted),
        "branched": sum(found.branched for found in drafted),
        "accepted": sum(len(found.verdict.accepted) for found in run.decoded.rounds),
    }


def _gain(plain: "MethodRun", best: "MethodRun") -> str:
    decoding = plain.times.decoding / best.times.decoding
    return (
        f"plain takes {plain.times.whole / best.times.whole:.2f}× as long, since {best.decoded.target_passes} passes "
        f"of the target do here what takes it {plain.decoded.target_passes} alone (decoding alone: {decoding:.2f}×)"
    )


def _loss(plain: "MethodRun", other: "MethodRun") -> str:
    ratio = other.times.whole / plain.times.whole
    if ratio < 1 + AS_FAST:
        return f"{other.method.name} takes as long"
    own = other.method.draft is not None and not other.method.draft.shared_encoder
    why = "the draft's own encoder and steps" if own else "the draft's steps and wider passes"
    saved = plain.decoded.target_passes - other.decoded.target_passes
    bound = plain.times.whole / (plain.times.cpu["encoder"] + other.times.cpu["verify"])
    free = (
        f"a draft that costs nothing would make it {bound:.2f}× as fast at most with that encoder"
        if bound > 1
        else "the wider passes alone cost more than they save"
    )
    return (
        f"{other.method.name} takes {ratio:.2f}× as long, because {why} cost more than the {saved} of "
        f"{plain.decoded.target_passes} target passes that they save, and {free}"
    )


def _clock(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:05.2f}"
