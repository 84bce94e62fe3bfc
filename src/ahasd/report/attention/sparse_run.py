"""What a sparse run wrote and read, against the dense model."""

from typing import TYPE_CHECKING, Any

from ahasd.report.text import paragraphs
from ahasd.sparse_attention.heads.head_class import HeadClass

if TYPE_CHECKING:
    from ahasd.decoding.sparse_attention.comparison import SparseRun
    from ahasd.decoding.sparse_attention.settings import SparseSettings


def sparse_run_text(model: str, settings: "SparseSettings", run: "SparseRun") -> str:
    """Say in a sentence how like the dense text it is, how fast, and how much was read."""
    split, paging = settings.split, settings.paging
    same = (
        "wrote what the dense model writes"
        if run.tokens == run.dense_tokens
        else f"wrote the dense model's first {run.same_until} of {len(run.dense_tokens)} tokens and then others"
    )
    how = "with every head reading everything" if split.share(HeadClass.DENSE) == 1 else "sparse"
    said = f"{model}, {how} from behind a prompt of {run.prompt} tokens, {same}"
    if run.time_ratio is None:
        return "\n".join(paragraphs([f"{said}; no step was made behind the prompt."])) + "\n"
    share = run.bytes_read / run.dense_bytes
    said += (
        f" and chooses {run.same_choice:.0%} of its tokens where it reads the dense text; a step read "
        f"{run.bytes_read / 1e6:.2f} MB of keys and values against {run.dense_bytes / 1e6:.2f} MB ({share:.0%}) and "
        f"was {run.time_ratio:.2f} times as fast. About 1 or less is what to expect of a processor that runs Python: "
        "weights are most of what a step reads, and choosing and gathering pages takes its time."
    )
    counts = {one: int((split.classes == one).sum()) for one in HeadClass}
    heads = (
        f"Of {split.classes.size} key-value heads {counts[HeadClass.DENSE]} read everything, "
        f"{counts[HeadClass.PAGED]} choose {paging.budget} tokens in pages of {paging.page}, "
        f"{counts[HeadClass.STREAMING]} read {paging.window.sink} first and {paging.window.recent} last tokens alone."
    )
    return "\n".join(paragraphs([said, heads])) + "\n"


def sparse_run_json(model: str, settings: "SparseSettings", run: "SparseRun", text: str) -> dict[str, Any]:
    """Everything, for programs."""
    split, paging = settings.split, settings.paging
    return {
        "model": model,
        "text": text,
        "tokens": len(run.tokens),
        "prompt_tokens": run.prompt,
        "same_until": run.same_until,
        "same_text": run.tokens == run.dense_tokens,
        "same_choice": run.same_choice,
        "seconds_per_step": run.step_s,
        "dense_seconds_per_step": run.dense_step_s,
        "time_ratio": run.time_ratio,
        "bytes_read_per_step": run.bytes_read,
        "dense_bytes_per_step": run.dense_bytes,
        "heads": {one.name.lower(): int((split.classes == one).sum()) for one in HeadClass},
        "page": paging.page,
        "budget": paging.budget,
        "sink": paging.window.sink,
        "recent": paging.window.recent,
        "sharing": settings.sharing,
    }
