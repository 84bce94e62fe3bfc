"""The transcript of one window: plain greedy decoding, and rounds of drafts that end in the same text."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ahasd.decoding.backend import torch
from ahasd.decoding.speech.drafts.draft import WindowDraft
from ahasd.decoding.speech.part_times import PartTimes
from ahasd.decoding.speech.runner.decoder_runner import DecoderRunner
from ahasd.decoding.speech.runner.layout import tree_layout
from ahasd.decoding.speech.runner.token_rule import TokenRule
from ahasd.speculation.recycling.draft_round import DraftRound, Recyclable, draft_round
from ahasd.speculation.recycling.options import SpeechDraftOptions
from ahasd.speculation.recycling.token_tree import ROOT, Verdict, judge


@dataclass(frozen=True, slots=True)
class DecodedRound:
    """One round.

    Parameters
    ----------
    drafted
        What was proposed.
    draft_passes
        Passes of the draft's decoder.
    verdict
        What the target made of it.
    """

    drafted: DraftRound
    draft_passes: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class DecodedWindow:
    """A transcript.

    Parameters
    ----------
    tokens
        Behind the prompt, the end token included where the text reached it.
    no_speech
        Probability that nobody speaks, by the pass over the prompt; None for a model that does not say.
    rounds
        Of drafting; none for plain decoding.
    target_passes
        Passes of the target's decoder, that over the prompt included.
    """

    tokens: Sequence[int]
    no_speech: float | None
    rounds: Sequence[DecodedRound]
    target_passes: int


class WindowDecoder:
    """Decodes one window with the target.

    Parameters
    ----------
    runner
        Of the target's decoder, empty.
    rule
        Which tokens may come.
    prompt
        That the transcript begins with.
    end
        The token that ends it.
    no_speech
        The token whose probability behind the first one says that nobody speaks; None where there is none.
    most_tokens
        Of the transcript.
    """

    def __init__(
        self,
        runner: DecoderRunner,
        rule: TokenRule,
        prompt: Sequence[int],
        end: int,
        no_speech: int | None,
        most_tokens: int,
    ) -> None:
        self._runner, self._rule, self._prompt = runner, rule, list(prompt)
        self._end, self._no_speech, self._most = end, no_speech, most_tokens

    def plain(self, times: PartTimes) -> DecodedWindow:
        """Decode token by token."""
        with times.part("verify"):
            text, silent = self._begin()
            while not self._over(text):
                text += self._rule.choose(self._runner.forward(text[-1:]), [text])
            return DecodedWindow(text, silent, (), len(text))

    def speculative(self, draft: WindowDraft, options: SpeechDraftOptions, times: PartTimes) -> DecodedWindow:
        """Decode in rounds."""
        rounds: list[DecodedRound] = []
        recyclable = None
        with times.part("verify"):
            text, silent = self._begin()
        while not self._over(text):
            # What is left of the transcript, and of the decoder behind the newest token.
            room = min(self._most - len(text), self._runner.longest - self._runner.length - 1)
            limits = options if room > options.most_tokens else _within(options, room)
            before = draft.passes
            with times.part("draft"):
                drafted = draft_round(draft.behind(text), limits, recyclable, self._end)
            with times.part("verify"):
                verdict = self._verify(text, drafted)
            tokens = drafted.tree.tokens
            text += [*(tokens[place].token for place in verdict.accepted), verdict.own]
            if self._end in text:
                del text[text.index(self._end) + 1 :]
            del text[self._most :]
            recyclable = None if verdict.rejected is None else Recyclable(verdict.rejected, verdict.own)
            rounds.append(DecodedRound(drafted, draft.passes - before, verdict))
        return DecodedWindow(text, silent, rounds, 1 + len(rounds))

    def _over(self, text: Sequence[int]) -> bool:
        return text[-1] == self._end or len(text) >= self._most

    def _begin(self) -> tuple[list[int], float | None]:
        """Read the prompt; give the first token and the probability that nobody speaks."""
        logits = self._runner.forward(self._prompt)
        silent = None
        if self._no_speech is not None:
            silent = float(torch.softmax(logits[0], 0)[self._no_speech])
        return self._rule.choose(logits[-1:], [[]]), silent

    def _verify(self, text: list[int], drafted: DraftRound) -> Verdict:
        """Read the newest token and a tree in one pass, and keep the path that the target takes."""
        tree, cached = drafted.tree, self._runner.length
        read = [text[-1], *(token.token for token in tree.tokens)]
        layout = (
            None if tree.is_chain else tree_layout(cached, [ROOT, *(parent + 1 for parent in tree.parents)])
        )
        logits = self._runner.forward(read, layout)
        paths = (
            [[], *(tree.path(place) for place in range(len(tree.tokens)))] if self._rule.timestamps else None
        )
        texts = (
            [text] * len(read)
            if paths is None
            else [text + [tree.tokens[place].token for place in path] for path in paths]
        )
        chosen = self._rule.choose(logits, texts)
        verdict = judge(tree, lambda place: chosen[place + 1])
        self._runner.keep(cached + 1, [cached + 1 + place for place in verdict.accepted])
        return verdict


def _within(options: SpeechDraftOptions, room: int) -> SpeechDraftOptions:
    """Draft no more than there is room for in a transcript that nears its longest."""
    longest = min(options.longest, room)
    return replace(options, longest=longest, most_tokens=longest)
