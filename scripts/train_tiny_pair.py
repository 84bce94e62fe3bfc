"""Train the tiny pair: a target and two drafts that a laptop trains in minutes.

Usage: ``python scripts/train_tiny_pair.py --output DIR [--steps-scale S] [--seed 0] [--heads-only]``.
With ``--heads-only`` the pair in DIR is left as it is and only the acceptance heads of its drafts are trained.

Everything is counted in steps and drawn from the seed. With another Python version (another corpus), another
torch or another number of threads the weights differ in detail, their quality does not.
"""

import argparse
import copy
import json
import platform
import shutil
from pathlib import Path

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast
from transformers.utils import logging

from ahasd.decoding.models.acceptance_head import save_head
from ahasd.decoding.models.language_model import load_language_model
from tiny_pair.acceptance_head import TEXTS, train_head, write_texts
from tiny_pair.data import Corpus, load_texts, train_tokenizer
from tiny_pair.models import grow, new_model
from tiny_pair.training import held_out_loss, train

STEM_STEPS = 650
PLAIN_STEPS = 271
TARGET_STEPS = 1025
DISTILLATION_STEPS = 531


def scaled(count: int, scale: float) -> int:
    """Multiply a number of steps or texts, which stays at least 1."""
    return max(1, round(count * scale))


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    """Write a checkpoint in half precision that ``AutoModelForCausalLM.from_pretrained`` reads."""
    model.half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def train_heads(output: Path, corpus: Corpus, texts: int, seed: int) -> None:
    """Train the acceptance heads of the drafts that lie in `output`, as they lie there."""
    target = load_language_model(output / "target").model
    written = write_texts(target, corpus, texts, seed)
    for name in ("draft", "draft-plain"):
        draft = load_language_model(output / name).model
        save_head(train_head(f"head of {name}", target, draft, written, seed), output / name)


def main() -> None:
    """Train the stages one after the other and save what is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--output", type=Path, required=True, help="folder for target, draft and draft-plain")
    parser.add_argument("--steps-scale", type=float, default=1.0, help="multiplies every number of steps")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--heads-only", action="store_true", help="keep the pair, train its heads alone")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    logging.disable_progress_bar()
    torch.manual_seed(arguments.seed)

    texts, held_out = load_texts()
    if arguments.heads_only:
        tokenizer = load_language_model(arguments.output / "target").tokenizer
    else:
        tokenizer = train_tokenizer(texts)
    corpus = Corpus(tokenizer, texts, held_out)
    print(
        f"{len(corpus.train)} tokens of {corpus.bytes_per_token:.2f} bytes, {len(corpus.held_out)} held out"
    )
    if not arguments.heads_only:
        train_pair(arguments.output, tokenizer, corpus, arguments.seed, arguments.steps_scale)
    train_heads(arguments.output, corpus, scaled(TEXTS, arguments.steps_scale), arguments.seed)


def train_pair(
    output: Path, tokenizer: PreTrainedTokenizerFast, corpus: Corpus, seed: int, steps_scale: float
) -> None:
    """Train and save the target and its two drafts."""

    def steps(count: int) -> int:
        return scaled(count, steps_scale)

    batches = corpus.batches(seed)

    losses: dict[str, float] = {}
    # All three grow from one stem, a draft whose learning rate is still up, so that each decays once only (a
    # restart costs quality); a draft that shares its target's first layer is also accepted more often.
    stem = new_model(layers=1)
    train("stem", stem, batches, steps(STEM_STEPS), decay=False)
    target = grow(stem)
    train("target", target, batches, steps(TARGET_STEPS))
    losses["target"] = held_out_loss(target, corpus)
    draft = copy.deepcopy(stem)
    train("draft", draft, batches, steps(DISTILLATION_STEPS), teacher=target)
    losses["draft"] = held_out_loss(draft, corpus)
    plain = stem
    train("draft-plain", plain, batches, steps(PLAIN_STEPS))
    losses["draft-plain"] = held_out_loss(plain, corpus)

    output.mkdir(parents=True, exist_ok=True)
    for name, model in {"target": target, "draft": draft, "draft-plain": plain}.items():
        shutil.rmtree(output / name, ignore_errors=True)
        save(model, tokenizer, output / name)
        print(f"{name}: held-out loss {losses[name]:.3f} nats per token")
    record = {
        "held_out_loss_nats_per_token": {name: round(loss, 4) for name, loss in losses.items()},
        "bytes_per_token": round(corpus.bytes_per_token, 4),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "seed": seed,
        "steps_scale": steps_scale,
    }
    (output / "training.json").write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
