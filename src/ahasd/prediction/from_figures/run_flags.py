"""How the programs are told to draft in a given way: the command that runs what a plan recommends.

Spelled as in the programs' own help: llama-server of llama.cpp builds since May 2026 (`--spec-type` with
`--spec-draft-n-max`; `--draft` and `--draft-max` were removed: common/arg.cpp, ggml-org/llama.cpp#22673), vLLM's
`--speculative-config` (docs/features/speculative_decoding/README.md), mlx-lm's `mlx_lm.generate` (`--draft-model`,
`--num-draft-tokens`: mlx_lm/generate.py).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from shlex import quote
from typing import Any

from ahasd.prediction.from_figures.setting import DraftMethod
from ahasd.workload.readers.draft_heads import HeadKind

#: `--spec-type` of llama.cpp by method or kind of head; it has neither EAGLE's first heads nor Medusa's.
_SPEC_TYPES: dict[DraftMethod | HeadKind, str] = {
    "draft-model": "draft-simple",
    "mtp": "draft-mtp",
    "eagle3": "draft-eagle3",
    "dflash": "draft-dflash",
    "dspark": "draft-dspark",
}

#: `method` of vLLM's configuration by method or kind of head.
_VLLM_METHODS: dict[DraftMethod | HeadKind, str] = {
    "draft-model": "draft_model",
    "mtp": "mtp",
    "eagle": "eagle",
    "eagle3": "eagle3",
    "medusa": "medusa",
    "dflash": "dflash",
    "dspark": "dspark",
    "ngram": "ngram",
}

#: Methods that load something besides the target.
_LOADING: tuple[DraftMethod, ...] = ("draft-model", "eagle", "dflash", "dspark")

#: Tokens that must repeat before copying begins, in vLLM's look-up (ours: from its documentation's example).
_LOOK_UP = {"prompt_lookup_min": 2, "prompt_lookup_max": 5}


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to decode that a program is to be told.

    Attributes
    ----------
    method
        None for the target alone.
    length
        Tokens that a round drafts.
    target, draft
        Files or names as they were given; a draft where one was.
    context
        Tokens of the caches.
    head
        What kind of head drafts, where its file was read; without, a head of EAGLE's kind is EAGLE-3.
    """

    method: DraftMethod | None
    length: int
    target: str
    draft: str | None
    context: int
    head: HeadKind | None = None

    @property
    def kind(self) -> DraftMethod | HeadKind | None:
        """What programs tell apart."""
        if self.head is not None:
            return self.head
        return "eagle3" if self.method == "eagle" else self.method


def run_command(runtime: str, choice: Choice) -> str | None:
    """The command line; None for a program whose options are not known here, or that cannot draft in this way."""
    said = runtime.lower()
    writers: tuple[tuple[str, Callable[[Choice], str | None]], ...] = (
        (r"llama\.?cpp|llama-server", _llama_cpp),
        (r"vllm", _vllm),
        (r"mlx", _mlx),
    )
    return next((write(choice) for word, write in writers if re.search(word, said)), None)


def _llama_cpp(choice: Choice) -> str | None:
    command = f"llama-server -m {_file(choice.target, 'TARGET')} -c {choice.context}"
    if choice.method is None:
        return command
    if choice.method == "ngram":
        return f"{command} --spec-type ngram-simple --spec-ngram-simple-size-m {choice.length}"
    kind = _SPEC_TYPES.get(choice.kind or choice.method)
    if kind is None:
        return None
    loaded = f" -md {_file(choice.draft, 'DRAFT')}" if choice.method in _LOADING else ""
    return f"{command} --spec-type {kind}{loaded} --spec-draft-n-max {choice.length}"


def _vllm(choice: Choice) -> str | None:
    command = f"vllm serve {quote(_model(choice.target))} --max-model-len {choice.context}"
    if choice.method is None:
        return command
    kind = _VLLM_METHODS.get(choice.kind or choice.method)
    if kind is None:
        return None
    options: dict[str, Any] = {"method": kind, "num_speculative_tokens": choice.length}
    if choice.method in _LOADING:
        options["model"] = _model(choice.draft or "DRAFT")
    if choice.method == "ngram":
        options |= _LOOK_UP
    return f"{command} --speculative-config {quote(json.dumps(options))}"


def _mlx(choice: Choice) -> str | None:
    command = f"mlx_lm.generate --model {quote(_model(choice.target))} --prompt PROMPT"
    if choice.method is None:
        return command
    if choice.method != "draft-model":
        return None  # mlx-lm drafts with a model alone
    return (
        f"{command} --draft-model {quote(_model(choice.draft or 'DRAFT'))} --num-draft-tokens {choice.length}"
    )


def _model(name: str) -> str:
    """A model as these programs want it: the folder of its config.json."""
    return name.removesuffix("config.json").rstrip("/") or "."


def _file(name: str | None, role: str) -> str:
    """A file as it was given; for a name alone, what stands for its file."""
    return quote(name) if name is not None and name.lower().endswith(".gguf") else f"{role}.gguf"
