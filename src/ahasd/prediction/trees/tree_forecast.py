"""What decoding with a tree is expected to do here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.recording.tree_recorder import record_tree
from ahasd.decoding.trees.guess_costs import measure_guesses
from ahasd.decoding.trees.guessing.guesser import TreeGuesser
from ahasd.decoding.trees.pass_costs import PassCosts, clock_of, measure
from ahasd.decoding.trees.tree_policies import TreeSpec, parse_tree
from ahasd.intervals import Interval
from ahasd.prediction.ratio import ratio
from ahasd.prediction.trees.measured_tree_costs import MeasuredTreeCosts
from ahasd.speculation.machine import Lengths
from ahasd.speculation.trees.simulated.decoding import TreeDecoding
from ahasd.traces.tree.trace import TreeTrace
from ahasd.traces.tree.walk import TreeWalk

#: Trees that are tried.
TREES = (
    "dynamic",
    *(f"chain:{length}" for length in (1, 2, 3)),
    *(f"best-first:{size}" for size in (3, 7, 15)),
)


@dataclass(frozen=True, slots=True)
class TreeForecast:
    """What a tree is expected to do here.

    Attributes
    ----------
    guesser, tree
        What guesses, and which tree.
    speedup
        Over the target alone; its interval is that over the prompts.
    tokens_per_pass, nodes_per_pass
        In the mean.
    """

    guesser: str
    tree: str
    speedup: Interval
    tokens_per_pass: float
    nodes_per_pass: float

    @property
    def pays(self) -> bool | None:
        """Whether it beats the target alone; None if the prompts leave that open."""
        half = self.speedup.half_width
        if half is None:
            return None
        if self.speedup.mean - half > 1:
            return True
        return False if self.speedup.mean + half <= 1 else None


def tree_forecasts(
    target: LanguageModel,
    guesser: TreeGuesser,
    prompts: Sequence[Prompt],
    max_new_tokens: int,
    least_seconds: float,
    trees: Sequence[str] = TREES,
) -> list[TreeForecast]:
    """Time passes and guesses, record what is guessed over the prompts, and simulate trees; the fastest first.

    Parameters
    ----------
    guesser
        Of the target.
    least_seconds
        What a pass of the target lasts at least (emulated latency).

    Returns
    -------
    list of TreeForecast
        Empty where the guesser does not guess at every point: for prompt lookup, the guesser of a target without
        heads.
    """
    if guesser.is_free:
        return []
    passes = TimedPasses(build_batched_runner(target), least_seconds)
    costs = measure(passes)
    trace = record_tree(target, guesser, prompts, mode="greedy", tokens_per_prompt=max_new_tokens)
    costs = replace(costs, guess_seconds=measure_guesses(guesser, target, clock_of(passes)))
    found = [_forecast(parse_tree(tree), guesser, costs, trace) for tree in trees]
    return sorted(found, key=lambda each: -each.speedup.mean)


def _forecast(tree: TreeSpec, guesser: TreeGuesser, costs: PassCosts, trace: TreeTrace) -> TreeForecast:
    steps = MeasuredTreeCosts(costs)
    policy = tree.build(guesser, costs, 1)
    alone, with_tree, passes, tokens, nodes = [], [], 0, 0, 0
    for prompt in range(trace.prompts):
        part = trace.select_prompt(prompt)
        lengths = Lengths(prompt=1, generated=part.positions)
        decoding = TreeDecoding(lengths, steps, along_path=guesser.along_path)
        outcome = decoding.run(TreeWalk(part, 0), policy, part.positions)
        ledger = outcome.ledger
        alone.append(ledger.emitted * costs.seconds(1))
        with_tree.append(outcome.end * 1e-12)
        passes, tokens, nodes = passes + ledger.verifications, tokens + ledger.emitted, nodes + ledger.drafted
    return TreeForecast(guesser.name, str(tree), ratio(alone, with_tree), tokens / passes, nodes / passes)
