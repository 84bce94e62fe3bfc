"""Where each token of a transcript came from, and what encoders, draft and target take."""

from collections.abc import Iterator, Sequence

from ahasd.report.pictures.columns import Columns
from ahasd.report.pictures.figure import Figure
from ahasd.report.pictures.style import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION
from ahasd.speech.recycling.replay import Round
from ahasd.speech.result import Parts, SpeechResult

#: What a token of a transcript was before it was written; rejected ones stand below the text.
OWN, DRAFTED, RECYCLED, REJECTED = "the target's own", "drafted", "recycled", "rejected"

#: Clips that a figure shows at most (ours).
MOST_CLIPS = 12


def token_rows(rounds: Sequence[Sequence[Round]]) -> Iterator[tuple[int, int, str]]:
    """Give clip, place in its transcript, and what stood there: of the text, and of what was proposed in vain."""
    for number, of_clip in enumerate(rounds[:MOST_CLIPS], start=1):
        if of_clip:
            yield number, 0, OWN
        for one in of_clip:
            proposed, at = one.drafted, one.start
            trunk = len(proposed.tree.tokens) - proposed.branched
            # Masked passes confirm tokens anywhere in the trunk; reused ones stand at its end.
            reused_from = trunk - proposed.reused
            for depth, place in enumerate(one.verdict.accepted[: one.emitted]):
                yield number, at + depth, RECYCLED if reused_from <= place < trunk else DRAFTED
            if len(one.verdict.accepted) < one.emitted:
                yield number, at + len(one.verdict.accepted), OWN
            for depth in range(len(one.verdict.accepted), trunk):
                yield number, at + depth, REJECTED


def transcript(tokens: Columns) -> Figure:
    """A cell for each token of the first clips, and beneath it what was proposed there in vain."""
    records = tokens.records()
    written = [one for one in records if one["what"] != REJECTED]
    shares = {
        what: sum(one["what"] == what for one in written) / len(written) for what in (DRAFTED, RECYCLED, OWN)
    }
    said = ", ".join(f"{share:.0%} {what}" for what, share in shares.items())
    vain = sum(one["what"] == REJECTED for one in records)
    rows = [
        (f"clip {one['clip']}", "rejected" if one["what"] == REJECTED else "text", one["place"], one["what"])
        for one in records
    ]
    order = [DRAFTED, RECYCLED, OWN, REJECTED]
    return Figure(
        "transcript",
        "Where each token of the transcripts came from",
        f"Of {len(written)} tokens {said}; {vain} were proposed in vain, which stand where they would have been.",
        Columns.of(("clip", "row", "token", "source"), rows),
        {
            "height": {"step": 12},
            "mark": {"type": "rect", "stroke": "#ffffff", "strokeWidth": 1},
            "encoding": {
                "x": {"field": "token", "type": "ordinal", "title": "token", "axis": {"labelOverlap": True}},
                "y": {"field": "clip", "type": "nominal", "title": None, "sort": None},
                "yOffset": {"field": "row", "type": "nominal", "sort": ["text", "rejected"]},
                "color": {
                    "field": "source",
                    "type": "nominal",
                    "title": None,
                    "sort": order,
                    "scale": {"domain": order, "range": [BLUE, GREEN, GREY, VERMILION]},
                },
            },
        },
        wide=True,
    )


def parts(result: SpeechResult) -> Figure:
    """Bars of this run and of the target alone, in parts."""
    about = result.speech
    names = (
        {result.system: about.parts}
        if about.drafts is None
        else {
            result.system: about.parts,
            "target alone": about.alone,
        }
    )
    rows = [
        (name, part, seconds) for name, of in names.items() for part, seconds in _parts(of) if seconds > 0
    ]
    order = [part for part, _ in _parts(about.parts)]
    return Figure(
        "parts",
        "Encoders, drafting and verifying",
        f"Encoding is {about.encoder_share:.0%} of the target alone; {result.system} takes "
        f"{about.parts.end_to_end_s:.4g} s end to end and {about.parts.decode_s:.4g} s without encoders.",
        Columns.of(("way", "part", "seconds"), rows),
        {
            "height": {"step": 34},
            "mark": {"type": "bar", "height": 22},
            "encoding": {
                "x": {"field": "seconds", "type": "quantitative", "title": "seconds of all clips"},
                "y": {"field": "way", "type": "nominal", "title": None, "sort": None},
                "color": {
                    "field": "part",
                    "type": "nominal",
                    "title": None,
                    "sort": order,
                    "scale": {"domain": order, "range": [GREY, VERMILION, PURPLE, ORANGE, BLUE]},
                },
            },
        },
    )


def _parts(of: Parts) -> list[tuple[str, float]]:
    return [
        ("target's encoder", of.encoder_s),
        ("draft's encoder", of.draft_encoder_s),
        ("prompts", of.prompt_s),
        ("draft", of.draft_s),
        ("target", of.target_s),
    ]
