"""A speech trace in numbers, for people."""

import numpy as np

from ahasd.report.fitted import fitted
from ahasd.report.table import Table, left
from ahasd.speech.counts import count
from ahasd.speech.recycling.options import SpeechDraftOptions
from ahasd.speech.recycling.replay import replay
from ahasd.traces.speech.trace import SpeechTrace

#: Below which a token counts as unsure here: the truncation of the system specasr.
UNSURE = 0.5

#: Settings of which the rounds are shown.
SETTINGS = {
    "fixed length of 8": SpeechDraftOptions(longest=8),
    "24, truncated at 0.5": SpeechDraftOptions(truncation=UNSURE),
    "24, truncated and reused": SpeechDraftOptions(truncation=UNSURE, recycling="reuse"),
}


def speech_trace_text(trace: SpeechTrace) -> str:
    """Lay out what a trace holds."""
    header = trace.header
    first, right = trace.draft[:, 0], trace.draft[:, 0] == trace.target
    unsure = trace.probability[:, 0].astype(np.float64) < UNSURE
    wrong = ~right & (first >= 0)
    encoder = "the target's" if header.shared_encoder else "its own"
    rows = {
        "draft -> target": f"{header.draft} -> {header.target}",
        "draft's encoder": encoder,
        "tokens": "the draft's text written in the target's tokens"
        if header.retokenised
        else "one tokenizer",
        "timestamps": "yes" if header.timestamps else "no",
        "clips from": header.clips,
        "recorded by": header.tool_version,
        "notes": header.notes or "-",
        "clips": f"{trace.clips}, {trace.milliseconds.sum() / 1000:.1f} s, {len(trace.target)} tokens, "
        f"{trace.length} draft steps behind each",
        "runner-ups' followers": "no: neither masked passes nor trees"
        if trace.after_runner_up is None
        else "yes",
        "unsure of": f"{unsure.mean():.1%} of its tokens, {unsure[wrong].mean() if wrong.any() else 0.0:.0%} of "
        f"the wrong ones (probability below {UNSURE})",
    }
    for name, options in SETTINGS.items():
        counts = count(one for clip in trace for one in replay(clip, options))
        ratio = counts.acceptance_ratio
        rows[name] = (
            f"{counts.rounds} rounds, {counts.draft_passes / max(1, counts.written):.2f} draft steps a token, "
            f"{'nothing' if ratio is None else f'{ratio:.3f} of {counts.proposed}'} accepted"
        )
    rows["sha256"] = trace.sha256
    said = f"{header.draft} writes {right.mean():.1%} of the tokens as {header.target} does, told all before."
    return f"{said}\n\n" + fitted(Table((*left("", least=23), *left("")), list(rows.items())))
