"""What the draft's signals tell about acceptance, which bounds what control can do with them."""

from dataclasses import dataclass
from math import log

from ahasd.speculation.control.goodput.acceptance_estimate import KnownAcceptance, LearnedAcceptance
from ahasd.traces.rollout.walk import TraceWalk
from ahasd.traces.shipped import load_shipped

#: Verdicts that are predicted (ours): a thousand leave the loss uncertain by some 0.01 nats.
VERDICTS = 4000


@dataclass(frozen=True, slots=True)
class SignalCell:
    """Nats per verdict, each predicted before it is learned from: by the recent rate, the signals, the truth."""

    trace: str
    rate: float
    learned: float
    known: float

    @property
    def share(self) -> float:
        """How much of what the true probabilities tell beyond the rate the signals tell."""
        return (self.rate - self.learned) / (self.rate - self.known)


def signal_cell(trace: str) -> SignalCell:
    """Predict verdicts on every other prompt, chain by chain up to the first rejection."""
    _, test = load_shipped(trace).split_prompts(2)
    walk, learned, known = TraceWalk(test, 0), LearnedAcceptance(), KnownAcceptance()
    chain = walk.start()
    losses, verdicts = [0.0, 0.0, 0.0], 0
    while verdicts < VERDICTS:
        accepted = chain.leading_accepted(test.steps)
        judged = min(accepted + 1, test.steps)
        for offset in range(judged):
            said = learned.rate, learned.of(chain, offset), known.of(chain, offset)
            for index, probability in enumerate(said):
                losses[index] -= log(probability if offset < accepted else 1 - probability)
        verdicts += judged
        learned.learn(chain, 0, accepted, judged > accepted)
        chain = walk.after(chain, accepted)
    return SignalCell(trace, *(loss / verdicts for loss in losses))
