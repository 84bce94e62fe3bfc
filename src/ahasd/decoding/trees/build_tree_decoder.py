"""A decoder with trees, made from a target that is loaded."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ahasd.decoding.batched.passes.build_batched_runner import build_batched_runner
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.decoding.heads import medusa_file, one_layer_file
from ahasd.decoding.heads.medusa_file import load_medusa
from ahasd.decoding.heads.one_layer_file import load_one_layer
from ahasd.decoding.heads.shipped_heads import MEDUSA, ONE_LAYER, shipped_heads
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.trees.early_exit import calibrate, check_leaving
from ahasd.decoding.trees.guess_costs import measure_guesses
from ahasd.decoding.trees.guessing.guesser import TreeGuesser
from ahasd.decoding.trees.guessing.lookup_guesser import LookupGuesser
from ahasd.decoding.trees.guessing.medusa_guesser import MedusaGuesser
from ahasd.decoding.trees.guessing.one_layer_guesser import OneLayerGuesser
from ahasd.decoding.trees.pass_costs import clock_of, measure
from ahasd.decoding.trees.tree_decoder import TreeBatchDecoder, TreeDecoder
from ahasd.decoding.trees.tree_policies import DEFAULT, TreeSpec, parse_tree
from ahasd.decoding.trees.tree_rounds import TreeRounds
from ahasd.decoding.trees.tree_support import check_trees
from ahasd.errors import AhasdError

LOOKUP = "lookup"


def build_tree_decoders(
    target: LanguageModel,
    draft: str | Path | None,
    tree: str | TreeSpec | None,
    least_seconds: float = 0.0,
) -> tuple[TreeDecoder, TreeBatchDecoder]:
    """Make one for a text at a time and one for several, which share the target and what is learnt.

    Parameters
    ----------
    draft
        What guesses: "one-layer" or "medusa" (heads that come with ahasd for this target), "lookup", or a folder of
        heads; None takes the first that there is.
    tree
        See `TreeSpec`; None for the default.
    least_seconds
        What a pass of the target lasts at least (emulated latency).

    Raises
    ------
    AhasdError
        The target cannot run trees, there are no such heads, they are of another target, or the tree does not fit
        them.
    """
    spec = tree if isinstance(tree, TreeSpec) else parse_tree(tree or DEFAULT)
    guesser = build_guesser(target, draft)
    spec.check(guesser)
    runner = build_batched_runner(target)
    masks = True
    try:
        check_trees(runner)
    except AhasdError:
        # One candidate for each token makes chains, which every model takes.
        if guesser.top > 1:
            raise
        masks = False
    passes = TimedPasses(runner, least_seconds)
    costs = replace(measure(passes), guess_seconds=measure_guesses(guesser, target, clock_of(passes)))
    notes: tuple[str, ...] = ()
    pruning = None
    if spec.pruned:
        check_leaving(runner)
        choice = calibrate(target, guesser)
        notes, pruning = (choice.sentence,), choice.pruning
    rounds = TreeRounds(passes, guesser, spec, costs, masks, pruning)
    return (
        TreeDecoder(runner, rounds, str(spec), target.tokenizer, notes),
        TreeBatchDecoder(runner, rounds, str(spec), target.tokenizer),
    )


def guessers_of(target: LanguageModel) -> Sequence[str]:
    """Give the names of what can guess for a target, the one that is taken by itself first."""
    return (*shipped_heads(target), LOOKUP)


def build_guesser(target: LanguageModel, draft: str | Path | None) -> TreeGuesser:
    """Load what guesses; see `build_tree_decoders`."""
    name = str(guessers_of(target)[0] if draft is None else draft)
    if name == LOOKUP:
        return LookupGuesser()
    folder = heads_folder(target, name) if name in (ONE_LAYER, MEDUSA) else Path(name)
    if (folder / medusa_file.DOCUMENT).exists():
        heads = load_medusa(folder, target, name)
        return MedusaGuesser(heads, heads.accuracy, len(heads.accuracy[0]))
    if (folder / one_layer_file.DOCUMENT).exists():
        layer = load_one_layer(folder, target, name)
        return OneLayerGuesser(layer, layer.accuracy, len(layer.accuracy[0]))
    raise AhasdError(
        f"draft '{name}': a tree takes {', '.join(guessers_of(target))}, or a folder with {medusa_file.DOCUMENT} or "
        f"{one_layer_file.DOCUMENT}"
    )


def heads_folder(target: LanguageModel, name: str) -> Path:
    """Give the folder of heads that come with ahasd.

    Raises
    ------
    AhasdError
        None of this name come for this target.
    """
    found = shipped_heads(target)
    if name not in found:
        raise AhasdError(
            f"no heads '{name}' come with ahasd for '{target.name}'; take lookup, or give a folder of heads "
            "(scripts/train_smollm2_heads.py trains some)"
        )
    return found[name]


def tree_draft(draft: Any) -> str | Path | None:
    """See that a draft can be what guesses for a tree.

    Raises
    ------
    AhasdError
        It is a model, which drafts chains.
    """
    if draft is None or isinstance(draft, str | Path):
        return draft
    raise AhasdError(
        "method 'tree' takes no model as its draft: give one-layer, medusa, lookup, or a folder of heads; a draft "
        "model is for method 'speculative'"
    )


def tree_of(algorithm: Any) -> str | None:
    """See that an algorithm is given as text."""
    if algorithm is None or isinstance(algorithm, str):
        return algorithm
    raise AhasdError(
        f"method 'tree' takes a tree in place of '{algorithm}', such as dynamic or best-first:15"
    )
