"""Whatever the timing, drafter and verifier emit what the target alone writes."""

import pytest

from ahasd.decoding.asynchronous.drafter_side import DrafterSide
from ahasd.decoding.asynchronous.link.board import Board
from ahasd.decoding.asynchronous.link.text_board import TextBoard
from ahasd.decoding.asynchronous.link.word import Word
from ahasd.decoding.asynchronous.verifier_side import VerifierSide

ORDINARY, ALL = 2_000, 100_000
FOR_MUTATIONS = 300


def run(schedules, seeds, **sides):
    crashes = rollbacks = 0
    for seed in seeds:
        schedule = schedules.Schedule(seed, schedules.Sides(**sides))
        try:
            schedule.run()
        except Exception as error:
            error.add_note(f"schedule {seed}")
            raise
        crashes += schedule.crashes
        rollbacks += schedule.rollbacks
    return crashes, rollbacks


def test_random_schedules_emit_the_reference(schedules):
    crashes, rollbacks = run(schedules, range(ORDINARY))
    assert crashes > ORDINARY
    assert rollbacks > ORDINARY


@pytest.mark.slow
def test_a_hundred_thousand_random_schedules_emit_the_reference(schedules):
    crashes, rollbacks = run(schedules, range(ORDINARY, ALL))
    assert crashes > ALL
    assert rollbacks > ALL


class NoNewEpoch(VerifierSide):
    """Puts its own tokens into the text without saying so."""

    def _publish(self, new_epoch):
        super()._publish(new_epoch and self._epoch == 0)


class AnyEpoch(VerifierSide):
    """Judges drafts that continue another text."""

    def take(self):
        word = self._drafts.read_word()
        if word.length >= self._length:
            self._epoch = word.epoch
        return super().take()


class KeepsRejected(VerifierSide):
    """Leaves rejected tokens in the target's cache."""

    def conclude(self):
        runner, self._runner = self._runner, _WithoutRollBack(self._runner)
        try:
            return super().conclude()
        finally:
            self._runner = runner


class AcceptsTheNext(VerifierSide):
    """Emits the drafter's next token without a test."""

    def conclude(self):
        rule, self._rule = self._rule, _AcceptsNext(self._rule)
        try:
            return super().conclude()
        finally:
            self._rule = rule


class KeepsDrafts(DrafterSide):
    """Leaves drafts that the text contradicts in the draft's cache."""

    def _follow(self, word):
        drafter, self._drafter = self._drafter, _WithoutRollBack(self._drafter)
        try:
            super()._follow(word)
        finally:
            self._drafter = drafter


class DraftsTooFar(DrafterSide):
    """Writes over one token that is not verified yet."""

    @property
    def in_flight(self):
        return self._length - self._verified - 1


class BelievesEarlierRequests(DrafterSide):
    """Takes the text of the request before for its own."""

    def __init__(self, *arguments, after_epoch, **options):
        super().__init__(*arguments, after_epoch=0, **options)


class NeverSaysThatItStopped(DrafterSide):
    """Lets the verifier wait for tokens that will not come."""

    def _publish(self, stopped):
        super()._publish(stopped=False)


class _WithoutRollBack:
    def __init__(self, model):
        self._model = model

    def roll_back(self, length):
        pass

    def __getattr__(self, name):
        return getattr(self._model, name)


class _AcceptsNext:
    def __init__(self, rule):
        self._rule = rule

    def judge_next(self, proposal, row, text):
        verdict = self._rule.judge_next(proposal, row, text)
        return type(verdict)(1, None)

    def __getattr__(self, name):
        return getattr(self._rule, name)


def word_before_cells(schedules):
    class WordFirst(schedules.CrashingTextBoard):
        """Publishes tokens, then writes them."""

        def write(self, start, tokens):
            word = self.read_word()
            Board.publish(self, Word(word.epoch, max(word.length, start + len(tokens)), word.flag))
            self.crash()
            TextBoard.write(self, start, tokens)

    return WordFirst


@pytest.mark.parametrize(
    "mutation",
    [
        {"verifier": NoNewEpoch},
        {"verifier": AnyEpoch},
        {"verifier": KeepsRejected},
        {"verifier": AcceptsTheNext},
        {"drafter": KeepsDrafts},
        {"drafter": DraftsTooFar},
        {"drafter": BelievesEarlierRequests},
        {"drafter": NeverSaysThatItStopped},
        {"text_board": word_before_cells},
    ],
    ids=lambda mutation: next(iter(mutation.values())).__name__,
)
def test_a_broken_protocol_is_found_out(schedules, mutation):
    sides = {role: made(schedules) if role == "text_board" else made for role, made in mutation.items()}
    with pytest.raises(AssertionError):
        run(schedules, range(FOR_MUTATIONS), **sides)
