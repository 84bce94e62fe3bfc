"""Control by goodput: verify and draft so that a chain is over as soon as can be expected (ours)."""

from math import inf

from ahasd.speculation.control.goodput.acceptance_estimate import AcceptanceEstimate
from ahasd.speculation.control.goodput.chain_time import ChainTime, chain_time
from ahasd.speculation.control.pilot import PassChoice, Pilot, StepChoice
from ahasd.traces.rollout.walk import DraftChain

#: Tokens ahead for which waiting is weighed against starting now (ours).
WAITS = 6

#: A token is not drafted beside a pass if those before it all survive less likely than this (ours; the fastest of 0,
#: 0.02 and 0.06 in six cells of the study of control, on design prompts): its step costs energy and slows the pass,
#: and if they survive after all the drafter is told at the pass's end.
LEAST_SURVIVAL = 0.02

#: Below this acceptance rate, after so many verdicts, the draft is given up for the rest of the run (ours: drafting
#: beside a pass slows it by up to a tenth; to resume, the draft would have to read all that it missed).
LEAST_ACCEPTANCE, LEAST_VERDICTS = 0.1, 64


class Goodput(Pilot):
    """Weighs starting a pass now against waiting for the next few tokens, by expected time to the chain's end.

    What is known of the drafted tokens enters as the probability that all of them survive; tokens to come are
    expected to be accepted at the recent rate. A step that would outlast the running pass is not begun if the
    chain is likely over by then: the corrected text could not be drafted on before the step has ended.

    Parameters
    ----------
    estimate
        How likely a token is accepted.
    """

    def __init__(self, estimate: AcceptanceEstimate) -> None:
        self._estimate = estimate

    def starts_pass(self, choice: PassChoice) -> bool:
        """Whether no waiting promises an earlier end."""
        if choice.next_token_s == inf:
            return True
        times, rate = self._times(choice.pass_s, choice.draft_s), self._estimate.rate
        survival = self._survival(choice.chain, choice.verified, choice.visible)
        wait = choice.next_token_s / choice.draft_s
        now = times.after_pass(survival, wait)
        for _ in range(WAITS):
            survival *= rate
            if wait + times.after_pass(survival, 1.0) < now:
                return False
            wait += 1.0
        return True

    def drafts(self, choice: StepChoice) -> bool:
        """Whether the token is worth its step: the draft is of use, and the chain not likely over before."""
        estimate = self._estimate
        if estimate.rate < LEAST_ACCEPTANCE and estimate.verdicts >= LEAST_VERDICTS:
            return False
        if choice.covered is None:
            return True
        if self._survival(choice.chain, choice.verified, choice.drafted) < LEAST_SURVIVAL:
            return False
        if choice.left_s >= choice.draft_s:
            return True
        # The pass also tells about the first token after those it covers.
        until = min(choice.drafted, choice.covered + 1)
        survival = self._survival(choice.chain, choice.verified, until)
        return survival * choice.left_s >= (1 - survival) * (choice.draft_s - choice.left_s)

    def judged(self, chain: DraftChain, verified: int, until: int, rejected: bool) -> None:
        """Let the estimate learn."""
        self._estimate.learn(chain, verified, until, rejected)

    def _survival(self, chain: DraftChain, start: int, end: int) -> float:
        survival = 1.0
        for offset in range(start, end):
            survival *= self._estimate.of(chain, offset)
        return survival

    def _times(self, pass_s: float, draft_s: float) -> ChainTime:
        return chain_time(round(20 * pass_s / draft_s), round(50 * self._estimate.rate) * 2)
