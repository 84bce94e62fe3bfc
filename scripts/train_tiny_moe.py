"""Train the tiny mixture of experts: Mixtral's layout, four layers of 16 experts, two chosen per token.

Usage: ``python scripts/train_tiny_moe.py --output DIR [--steps 750] [--seed 0] [--threads 1]``.

It grows from the tiny pair's target and is trained on the same corpus with the same tokenizer. Everything is counted
in steps and drawn from the seed; with another Python, torch or number of threads the weights differ in detail.
"""

import argparse
import json
import platform
from pathlib import Path

import torch
from transformers import MixtralForCausalLM
from transformers.utils import logging

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.tiny_pair import target_path
from tiny_pair.data import Corpus, load_texts
from tiny_pair.mixture import CHOSEN, EXPERTS, RouterLogits, mixture_of, train_mixture
from tiny_pair.training import held_out_loss

STEPS = 750

#: Windows of the held-out files that the routers are looked at on (ours).
LOOKED_AT = 16


def routing_figures(model: MixtralForCausalLM, corpus: Corpus) -> dict[str, list[float]]:
    """Say how sure the routers are and how evenly they load the experts, on held-out text, layer by layer.

    Returns
    -------
    dict
        ``entropy_nats``: mean entropy of a router's distribution over the experts (at most ln 16 = 2.77);
        ``load_entropy_nats``: entropy of the loads of the experts; ``busiest_share`` and ``idlest_share``: loads
        of the busiest and the idlest expert (1/16 = 0.0625 each where loads are even).
    """
    with torch.no_grad(), RouterLogits(model) as routers:
        model(next(corpus.held_out_batches(LOOKED_AT))[:, :-1], use_cache=False)
    figures: dict[str, list[float]] = {
        name: [] for name in ("entropy_nats", "load_entropy_nats", "busiest_share", "idlest_share")
    }
    for logits in routers.take():
        p = logits.float().softmax(-1)
        loads = torch.bincount(p.topk(CHOSEN, dim=-1).indices.flatten(), minlength=EXPERTS).double()
        loads /= loads.sum()
        for name, value in {
            "entropy_nats": -(p * p.clamp_min(1e-30).log()).sum(-1).mean(),
            "load_entropy_nats": -(loads * loads.clamp_min(1e-30).log()).sum(),
            "busiest_share": loads.max(),
            "idlest_share": loads.min(),
        }.items():
            figures[name].append(round(float(value), 4))
    return figures


def main() -> None:
    """Train, measure and save the mixture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for the model")
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.disable_progress_bar()
    torch.manual_seed(arguments.seed)

    target = load_language_model(target_path())
    corpus = Corpus(target.tokenizer, *load_texts())
    mixture = mixture_of(target.model, arguments.seed)
    train_mixture(mixture, corpus.batches(arguments.seed + 1), arguments.steps)
    record = {
        "held_out_loss_nats_per_token": round(held_out_loss(mixture, corpus), 4),
        "held_out_loss_of_the_dense_target": round(held_out_loss(target.model, corpus), 4),
        "routers": routing_figures(mixture, corpus),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "steps": arguments.steps,
        "seed": arguments.seed,
    }
    arguments.output.mkdir(parents=True, exist_ok=True)
    mixture.half().save_pretrained(arguments.output)
    target.tokenizer.save_pretrained(arguments.output)
    (arguments.output / "training.json").write_text(json.dumps(record, indent=2) + "\n")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
