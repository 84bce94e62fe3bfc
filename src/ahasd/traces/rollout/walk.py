"""Walking a rollout trace: where the text starts and goes on, and which coins decide its tokens."""

from ahasd.traces.prompt_order import starting_prompt
from ahasd.traces.rollout.chain import DraftChain, DraftSignals
from ahasd.traces.rollout.rollout import RolloutTrace
from ahasd.traces.rollout.tape import Coins, TracePoint, TraceTape

__all__ = ["Coins", "DraftChain", "DraftSignals", "TracePoint", "TraceWalk"]


class TraceWalk(TraceTape):
    """One run over a trace: a starting prompt, a set of coins for each wrap, and the way from chain to chain.

    ``start()`` gives the first draft chain. Once a chain is verified, ``after(chain, accepted)`` gives the
    chain that drafts on from the corrected text. The walk itself holds no position: chains of the past and
    of different verifiers can be asked again and always give the same answers.

    Parameters are those of `TraceTape`; the seed also chooses the starting prompt. Seeds 0, 1, … P−1 start at P
    different prompts, neighbours far apart (ours).
    """

    def __init__(self, trace: RolloutTrace, seed: int, coins: Coins = "redrawn") -> None:
        super().__init__(trace, seed, coins)
        self.wraps = 0

    def start(self) -> DraftChain:
        """Return the chain at the start of the prompt that the seed chooses."""
        prompt = starting_prompt(self.seed, self.trace.prompts)
        return DraftChain(self, TracePoint(self._prompt_start[prompt], 0))

    def after(self, chain: DraftChain, accepted: int) -> DraftChain:
        """Return the chain that drafts on after a verification.

        Parameters
        ----------
        chain
            The chain that was verified.
        accepted
            How many of its drafted tokens became text; one token of the target's own follows them. May
            stop short of the chain's first rejection (a bonus token after a short block).

        Returns
        -------
        DraftChain
            At row i + accepted + 1, or at the start of the next prompt when that is past the prompt's
            end. Where the chain itself ran on into the next prompt, counted from there: the target's own
            token always stands where the chain has its token number `accepted`. (Going back to the next
            prompt's start instead would test the coins there twice.)

        Raises
        ------
        ValueError
            If `accepted` is negative or more than the coins of the chain accept.
        """
        if not 0 <= accepted <= chain.leading_accepted(accepted):
            raise ValueError(f"{accepted} tokens accepted of {chain!r}, whose coins do not allow it")
        segment, offset = divmod(accepted, self.trace.steps)
        point = self.advance(chain.segment(segment), offset + 1)
        self.wraps = max(self.wraps, point.wrap)
        return DraftChain(self, point)
