"""The target's states behind every token of its text, computed once and kept in half precision."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import LlamaForCausalLM

from smollm2_draft.training import spans
from smollm2_draft.writing import Written

#: Tokens of the texts that run through the target at once, padding included.
AT_ONCE = 2048


@dataclass(frozen=True, slots=True)
class Read:
    """A part of the text with what the target thought while it read it.

    Parameters
    ----------
    written
        The text.
    states
        Behind each of its tokens, behind the target's last norm, (tokens, width).
    """

    written: Written
    states: NDArray[np.float16]


def read_states(target: LlamaForCausalLM, written: Written, path: Path, report: str = "") -> Read:
    """Give the states, from a file that holds them or by running the target.

    Parameters
    ----------
    path
        The file, ``.npy``; written if it is not there.
    """
    if not path.exists():
        states = _states(target, written, report)
        with open(unfinished := path.with_suffix(".unfinished"), "wb") as file:
            np.save(file, states)
        unfinished.rename(path)
    return Read(written, np.load(path, mmap_mode="r"))


def _states(target: LlamaForCausalLM, written: Written, report: str) -> NDArray[np.float16]:
    states = np.zeros((len(written.tokens), target.config.hidden_size), np.float16)
    done = 0
    with torch.inference_mode():
        for group in _groups(written):
            longest = max(end - start for start, end in group)
            tokens = torch.zeros(len(group), longest, dtype=torch.long)
            for row, (start, end) in enumerate(group):
                tokens[row, : end - start] = torch.from_numpy(written.tokens[start:end].astype(np.int64))
            found = target.model(tokens, use_cache=False).last_hidden_state.half().numpy()
            for row, (start, end) in enumerate(group):
                states[start:end] = found[row, : end - start]
                done += end - start
            print(f"{report}: states of {done} of {len(states)} tokens", flush=True)
    return states


def _groups(written: Written) -> Iterator[list[tuple[int, int]]]:
    """Group texts of about one length, padded on the right (a causal model does not see it)."""
    texts = sorted(((start, end) for start, end, _ in spans(written)), key=lambda text: text[1] - text[0])
    group: list[tuple[int, int]] = []
    for start, end in texts:
        if group and (len(group) + 1) * (end - start) > AT_ONCE:
            yield group
            group = []
        group.append((start, end))
    yield group
