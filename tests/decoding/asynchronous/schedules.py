"""Random schedules of drafter and verifier, with models that are functions of the text."""

import threading
from dataclasses import dataclass
from random import Random

import numpy as np

from ahasd.decoding.asynchronous.drafter_side import DrafterSide, DrafterState
from ahasd.decoding.asynchronous.governor import Governor
from ahasd.decoding.asynchronous.limits import TextLimits
from ahasd.decoding.asynchronous.link.draft_board import DraftBoard
from ahasd.decoding.asynchronous.link.text_board import TextBoard
from ahasd.decoding.asynchronous.verifier_side import VerifierSide
from ahasd.decoding.rules.rule import DecodingRule, Judgement, Proposal
from ahasd.decoding.speculative.drafter import Drafter
from ahasd.speculation.control.edc.edc import EntropyDraftControl
from ahasd.speculation.control.edc.options import EntropyDraftControlOptions
from ahasd.speculation.draft_batches import DraftBatches
from ahasd.speculation.drafting.specification import build_policy, parse_algorithm

from ..cached_tokens import CachedTokens

VOCABULARY = 5
LONGEST_TEXT = 24


class CrashError(Exception):
    """A side dies in the middle of what it does."""


class Table:
    """Target and draft as functions of the text before; `agreement` of the draft's tokens are the target's."""

    def __init__(self, seed, agreement):
        self.seed, self.agreement = seed, agreement
        self._known = {}

    def _draw(self, prefix):
        if prefix not in self._known:
            random = Random(hash((self.seed, *prefix)))
            target = random.randrange(VOCABULARY)
            other = (target + random.randrange(1, VOCABULARY)) % VOCABULARY
            draft = target if random.random() < self.agreement else other
            self._known[prefix] = target, draft, random.uniform(0, 4)
        return self._known[prefix]

    def target(self, prefix):
        return self._draw(prefix)[0]

    def draft(self, prefix):
        return self._draw(prefix)[1]

    def entropy(self, prefix):
        return self._draw(prefix)[2]

    def reference(self, prompt, limits):
        """What the target alone writes."""
        text = list(prompt)
        while True:
            text.append(self.target(tuple(text)))
            new = text[len(prompt) :]
            if len(new) == limits.max_new_tokens or new[-1] in limits.end_tokens:
                return new


class TableRunner(CachedTokens):
    """Its logits behind a token are the whole text up to there: a wrong cache shows in every later token."""

    name, vocabulary_size, context_limit, end_tokens = "table", VOCABULARY, None, frozenset()

    def forward(self, tokens, rows=None):
        assert len(tokens) > 0
        self.cached += tokens
        rows = len(tokens) if rows is None else rows
        return [tuple(self.cached[: len(self.cached) - rows + 1 + row]) for row in range(rows)]


class TableRule(DecodingRule):
    needs_distribution = True

    def __init__(self, table):
        self.table = table

    def propose(self, logits, text):
        assert logits == tuple(text)
        token = self.table.draft(logits)
        mark = np.full(VOCABULARY, len(text), dtype=np.float32)
        mark[0] = token
        return Proposal(token, self.table.entropy(logits), 0.5, mark)

    def judge(self, proposals, logits, text, own=True):
        position, accepted = len(text), 0
        for place, proposal in enumerate(proposals):
            # The distribution that came along is the one of this very token.
            assert proposal.distribution[0] == proposal.token
            assert (proposal.distribution[1:] == position + place).all()
            assert len(logits[place]) == position + place
            if self.table.target(logits[place]) != proposal.token:
                return Judgement(accepted, self.table.target(logits[place]))
            accepted += 1
        return Judgement(accepted, self.own(logits[-1], text).own_token if own else None)

    def judge_next(self, proposal, row, text):
        return self.judge([proposal], [row, row], text, own=False)

    def own(self, row, text):
        return Judgement(0, self.table.target(row))


class CrashingDraftBoard(DraftBoard):
    """Dies before or after any of its stores, when told."""

    crash = staticmethod(lambda: None)

    def write(self, index, draft):
        self.crash()
        super().write(index, draft)
        self.crash()

    def publish(self, word):
        self.crash()
        super().publish(word)
        self.crash()


class CrashingTextBoard(TextBoard):
    crash = staticmethod(lambda: None)

    def write(self, start, tokens):
        for place, token in enumerate(tokens):
            super().write(start + place, [token])
            self.crash()

    def publish(self, word):
        self.crash()
        super().publish(word)
        self.crash()


@dataclass(frozen=True)
class Sides:
    """The classes under test; mutations replace one."""

    drafter: type = DrafterSide
    verifier: type = VerifierSide
    draft_board: type = CrashingDraftBoard
    text_board: type = CrashingTextBoard


class Schedule:
    """One seed: boards, a few requests on them, and who moves when."""

    def __init__(self, seed, sides=Sides()):
        self.random = random = Random(seed)
        self.sides = sides
        self.ring = random.choice([1, 1, 2, 3, 4, 8])
        lock = threading.Lock()
        drafts = bytearray(DraftBoard.bytes_needed(self.ring, VOCABULARY))
        text = bytearray(TextBoard.bytes_needed(LONGEST_TEXT))
        self.drafts = sides.draft_board(memoryview(drafts), lock, self.ring, VOCABULARY)
        self.text = sides.text_board(memoryview(text), lock, LONGEST_TEXT)
        self.crash_rate = random.choice([0, 0, 0.003, 0.02])
        self.drafts.crash = self.text.crash = self._maybe_crash
        self.crashes = self.rollbacks = 0

    def run(self):
        for request in range(self.random.choice([1, 2, 3])):
            self._request(request)

    def _maybe_crash(self):
        if self.random.random() < self.crash_rate:
            raise CrashError

    def _request(self, number):
        random = self.random
        table = Table(random.getrandbits(32), random.choice([0.0, 0.5, 0.8, 0.95, 1.0]))
        prompt = [random.randrange(VOCABULARY) for _ in range(random.choice([1, 2, 5]))]
        draftable = random.choice([None, None, None, random.randrange(-2, LONGEST_TEXT)])
        ends = frozenset(random.sample(range(VOCABULARY), random.choice([0, 0, 1])))
        limits = TextLimits(random.randrange(1, LONGEST_TEXT + 1), ends, draftable)
        self.table, self.prompt, self.limits = table, prompt, limits
        self.coverage = random.choice(["pending", "batches", "oldest"])
        self.algorithm = random.choice(["fixed:1", "fixed:3", "svip", "adaedl", "banditspec-ucb"])
        self.control = random.random() < 0.4
        self.before = self.text.read_word().epoch
        self._renew = False
        self._start_verifier(())
        self._start_drafter(self.before)
        share, steps = random.choice([0.1, 0.5, 0.9]), 0
        while not self.verifier_done or not self.drafter_done:
            steps += 1
            assert steps < 6000, "the sides stand still"
            if random.random() < 0.05:  # a delay: one side hardly moves for a while
                share = random.choice([0.02, 0.1, 0.5, 0.9, 0.98])
            if random.random() < share:
                self._move_drafter()
            else:
                self._move_verifier()
        word = self.text.read_word()
        found = [token for token, _ in self.text.read(0, word.length)]
        assert found == table.reference(prompt, limits)
        assert self.verifier_runner.length < len(prompt) + len(found)

    def _start_drafter(self, after_epoch):
        control = EntropyDraftControl(EntropyDraftControlOptions()) if self.control else None
        policy = build_policy(parse_algorithm(self.algorithm))
        self.drafter_runner = TableRunner()
        drafter = Drafter(self.drafter_runner, TableRule(self.table))
        drafter.prefill(self.prompt)
        self.drafter = self.sides.drafter(
            drafter,
            self.prompt,
            self.limits,
            Governor(DraftBatches(policy, control), clock=lambda: 0),
            self.drafts,
            self.text,
            with_probabilities=True,
            after_epoch=after_epoch,
        )
        self.drafter_done = self.drafter_ready = False

    def _start_verifier(self, generated):
        self.verifier_runner = TableRunner()
        self.verifier = self.sides.verifier(
            self.verifier_runner,
            TableRule(self.table),
            self.prompt,
            self.limits,
            self.coverage,
            self.drafts,
            self.text,
            generated=generated,
        )
        self.phase, self.opened = "take", False
        self.verifier_done = False

    def _move_drafter(self):
        """Look or draft; the verifier may move between the two."""
        if self.drafter_done:
            return
        try:
            self._maybe_crash()
            if self.drafter_ready:
                self.drafter_ready = False
                self.drafter.draft()
            else:
                state = self.drafter.look()
                self.drafter_ready = state is DrafterState.READY
                self.drafter_done = state is DrafterState.DONE
        except CrashError:
            self.crashes += 1
            self._renew = True
            # A word of this request that was published last may cover slots that the successor writes over.
            self._start_drafter(max(self.before, self.drafts.read_word().epoch))

    def _move_verifier(self):
        if self.verifier_done and not self._renew:
            return
        try:
            self._maybe_crash()
            if not self.opened or (self._renew and self.phase == "take"):
                self.opened, self._renew = True, False
                self.verifier.open()
            elif self.phase == "take":
                if self.verifier.take():
                    self._check_taken()
                    self.phase = "judge"
            elif self.phase == "judge":
                self.verifier.judge()
                self.phase = "conclude"
            else:
                round = self.verifier.conclude()
                assert len(round.tokens) >= 1
                self.rollbacks += round.rejected
                self.phase = "take"
            self.verifier_done = self.opened and self.verifier.done
        except CrashError:
            self.crashes += 1
            word = self.text.read_word()
            length = word.length if word.epoch > self.before else 0
            self._start_verifier([token for token, _ in self.text.read(0, length)])

    def _check_taken(self):
        """What is judged is what the draft says behind this very text."""
        text = list(self.verifier._tokens)
        for proposal in self.verifier._taken:
            assert proposal.token == self.table.draft(tuple(text)), "a stale draft"
            text.append(proposal.token)
