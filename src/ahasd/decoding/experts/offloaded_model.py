"""A mixture of experts that runs in less memory than its experts take."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ahasd.decoding.backend import torch
from ahasd.decoding.experts.expert_memory import ExpertMemory, Pool, plan_memory
from ahasd.decoding.experts.expert_places import ExpertPlaces, expert_places
from ahasd.decoding.experts.expert_reader import PIECE_BYTES, ExpertReader
from ahasd.decoding.experts.look_ahead import LookAhead, runnable_prefetch
from ahasd.decoding.experts.offloaded_layer import OffloadedLayer
from ahasd.decoding.experts.reading_thread import ReadingThread
from ahasd.decoding.experts.residency import Residency
from ahasd.decoding.experts.routed_layers import RoutedLayer, routed_layers
from ahasd.decoding.experts.tensor_index import stored_tensors
from ahasd.decoding.experts.without_experts import load_without_experts
from ahasd.decoding.models.language_model import LanguageModel
from ahasd.errors import AhasdError
from ahasd.experts.cache.policies import Policy, parse_policy
from ahasd.experts.gate.gate import Gate, TopK

#: From the number of layers with experts to what decides for them.
MakeGate = Callable[[int], Gate]


@dataclass(frozen=True, slots=True)
class OffloadSettings:
    """How experts are kept.

    Parameters
    ----------
    expert_memory
        Bytes for them.
    cache
        Rule by which they give way, as the simulator's: ``lru``, ``mrs:alpha=0.75``.
    pool
        Whether each layer has its slots, or all share them.
    prefetch
        How experts are fetched before they are needed, as the simulator calls it: ``none``, ``adaptive``.
    piece_bytes
        Bytes of one read.
    device, dtype
        Of everything; None for a CUDA device if there is one and the precision of the file there, float32 on a CPU.
    trust_remote_code
        See `load_language_model`.
    """

    expert_memory: int
    cache: str = "lru"
    pool: Pool = "layer"
    prefetch: str = "none"
    piece_bytes: int = PIECE_BYTES
    device: str | None = None
    dtype: str | None = None
    trust_remote_code: bool = False


class OffloadedModel:
    """A loaded model, its experts on disk and some of them in memory; used as a context manager.

    Parameters
    ----------
    folder
        A model of transformers whose experts lie in safetensors files.
    settings
        How experts are kept.
    gate
        Makes what decides, for so many layers with experts, how many of the chosen experts a token uses; None for
        all.

    Attributes
    ----------
    model
        To be run as any other; its context is one text at a time.
    memory
        Buffers that there are.
    residency, reader
        Count what happens.
    shared
        Whether all layers share the slots.

    Raises
    ------
    AhasdError
        The folder holds no such model, or the memory is below what one layer needs for one token.
    """

    def __init__(self, folder: Path, settings: OffloadSettings, gate: MakeGate | None = None) -> None:
        policy, prefetch = runnable(settings.cache, settings.pool), runnable_prefetch(settings.prefetch)
        device = settings.device or ("cuda" if torch.cuda.is_available() else "cpu")
        dtype = settings.dtype or ("float32" if device == "cpu" else "auto")
        if not (folder / "config.json").is_file():
            raise AhasdError(f"model {folder}: no such folder, or no model of transformers in it")
        model, blank, tokenizer = load_without_experts(folder, device, dtype, settings.trust_remote_code)
        name = folder.resolve().name
        outlines = routed_layers(blank, name)
        kinds = {type(layer.experts) for layer in outlines}
        self.layers = routed_layers(model, name, lambda module: type(module) in kinds)
        self.places = expert_places(name, outlines, stored_tensors(folder))
        self.memory = _plan(settings, self.layers, self.places, model.dtype)
        self.model = LanguageModel(name, model, tokenizer)
        self.model.check()
        self.reader = ExpertReader(self.places, settings.piece_bytes)
        self.thread = ReadingThread()
        self.shared = settings.pool == "model"
        self.residency = Residency(
            _caches(policy, settings.pool, self.memory, self.layers),
            self.layers[0].count,
            self.shared,
            _buffers(self.memory, self.places, model),
            self.reader.read,
            self.thread,
        )
        gates = TopK() if gate is None else gate(len(self.layers))
        ahead = LookAhead(self.layers, self.residency, prefetch)
        for row, layer in enumerate(self.layers):
            OffloadedLayer(row, layer, self.places.shapes, self.residency, gates, ahead)

    def close(self) -> None:
        """Stop reading, close the files and give back the memory of the experts; the model cannot run any more."""
        self.thread.close()
        self.reader.close()
        self.residency.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def runnable(text: str, pool: Pool) -> Policy:
    """Read a cache policy, and see that it can run.

    Raises
    ------
    AhasdError
        It is none, or needs what a run does not have: the future, or the loads of a text that is yet to come.
    """
    policy = parse_policy(text)
    if policy.name in ("belady", "static-hot"):
        raise AhasdError(
            f"--cache {policy.name} needs to know the text before it is written; it is for `ahasd moe replay`. "
            "A run takes lru, lfu, lfru, mrs, least-stale or random"
        )
    if policy.name == "mrs" and pool == "model":
        raise AhasdError("mrs compares scores of one router; it needs slots by layer, not of the whole model")
    return policy


def _plan(
    settings: OffloadSettings, layers: list[RoutedLayer], places: ExpertPlaces, dtype: Any
) -> ExpertMemory:
    size = places.numbers * dtype.itemsize
    # One buffer more than a token's: a prefetch fills it before anything gives way.
    return plan_memory(settings.expert_memory, size, len(layers), layers[0].count, layers[0].chosen + 1)


def _caches(policy: Policy, pool: Pool, memory: ExpertMemory, layers: list[RoutedLayer]) -> list[Any]:
    experts, count = layers[0].count, len(layers)
    if pool == "model":
        return [policy.build(memory.slots * count, experts, count, [])] * count
    return [policy.build(memory.slots, experts, 1, []) for _ in layers]


def _buffers(memory: ExpertMemory, places: ExpertPlaces, model: Any) -> Any:
    try:
        return torch.empty((memory.buffers, places.numbers), dtype=model.dtype, device=model.device)
    except RuntimeError as error:
        raise AhasdError(
            f"no memory for {memory.bytes / 1e6:.0f} MB of experts on {model.device} ({error}); grant less by "
            "--expert-memory"
        ) from error
