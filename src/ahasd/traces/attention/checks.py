"""The rules that the tensors of an attention trace keep; every violation names tensor, row and value."""

from collections.abc import Mapping

import numpy as np

from ahasd.errors import AhasdError
from ahasd.traces.attention.header import AttentionHeader
from ahasd.traces.tensor_checks import Tensor, check_prompt_start, check_range, refuse

DTYPES: dict[str, np.dtype[np.generic]] = {
    "chosen": np.dtype(np.int32),
    "context": np.dtype(np.int32),
    "classes": np.dtype(np.uint8),
    "prompt_start": np.dtype(np.int32),
}

#: Classes of heads: reads everything, chooses pages, reads the first and the last tokens alone.
DENSE, PAGED, STREAMING = 0, 1, 2


def check(tensors: Mapping[str, Tensor], header: AttentionHeader) -> None:
    """Check the tensors of one trace.

    Raises
    ------
    AhasdError
        At the first rule that is broken.
    """
    for name, tensor in tensors.items():
        if tensor.dtype != DTYPES[name]:
            raise AhasdError(f"{name} has dtype {tensor.dtype}; must be {DTYPES[name]}")
    chosen, context, classes = tensors["chosen"], tensors["context"], tensors["classes"]
    if chosen.ndim != 4 or 0 in chosen.shape[:3]:
        raise AhasdError(f"chosen has shape {chosen.shape}; must be T×L×S×K, T, L and S at least 1")
    if context.shape != chosen.shape[:1]:
        raise AhasdError(
            f"context has shape {context.shape}; must be a number for each of {len(chosen)} steps"
        )
    if classes.ndim != 2 or classes.shape[0] != chosen.shape[1] or not classes.shape[1]:
        raise AhasdError(
            f"classes have shape {classes.shape}; must be {chosen.shape[1]} layers × H key-value heads"
        )
    if chosen.shape[2] not in (classes.shape[1], classes.shape[1] * header.queries):
        raise AhasdError(
            f"chosen has {chosen.shape[2]} lists a layer; must be one for each of {classes.shape[1]} "
            f"key-value heads, or "
            f"for each of their {classes.shape[1] * header.queries} query heads"
        )
    check_range("classes", classes, DENSE, STREAMING)
    check_range("context", context, 1, 2**31 - 1)
    check_prompt_start(tensors["prompt_start"], len(chosen))
    inside = np.ones(len(context), np.bool_)
    inside[tensors["prompt_start"][:-1]] = False
    grows = np.diff(context, prepend=context[0]) == 1
    refuse(
        "context", context, inside & ~grows, "must be one more than in the step before it, within a prompt"
    )
    _check_pages(chosen, context, classes, header)


def _check_pages(chosen: Tensor, context: Tensor, classes: Tensor, header: AttentionHeader) -> None:
    there = chosen >= 0
    refuse("chosen", chosen, chosen < -1, "must be a page, or -1 behind the last one")
    refuse("chosen", chosen[..., 1:], there[..., 1:] & ~there[..., :-1], "stands behind a -1")
    rising = ~there[..., 1:] | (chosen[..., 1:] > chosen[..., :-1])
    refuse("chosen", chosen[..., 1:], ~rising, "must be above the page before it")
    heads = np.repeat(classes, chosen.shape[2] // classes.shape[1], axis=1)
    refuse("chosen", chosen, there & (heads != PAGED)[None, :, :, None], "is of a head that chooses no pages")
    first = -(-header.sink // header.page)
    last = np.maximum(0, context - header.recent) // header.page
    outside = there & ((chosen < first) | (chosen >= last[:, None, None, None]))
    refuse(
        "chosen", chosen, outside, "is read in any case, or does not exist yet: only pages between are chosen"
    )
