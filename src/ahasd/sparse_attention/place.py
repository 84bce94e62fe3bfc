"""From a configuration to a model, its attention, a device and the steps of its text."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.assignments import split_assignment
from ahasd.errors import AhasdError
from ahasd.family.changes import change_system
from ahasd.hardware.bonded.bonded_device import BondedDevice, change_bonded, load_bonded, parse_bonded
from ahasd.hardware.fidelity import Fidelity
from ahasd.sparse_attention.balance.mappings import build_mapping
from ahasd.sparse_attention.configuration import SparseAttentionConfiguration
from ahasd.sparse_attention.context_size import context_size
from ahasd.sparse_attention.pages.paging import Paging
from ahasd.sparse_attention.pages.window import Window
from ahasd.sparse_attention.step.attention_step import Attention, attention_step
from ahasd.sparse_attention.step.build import build_attention, check_context, find_heads
from ahasd.sparse_attention.step.capacity import check_buffers, check_fits, check_rows
from ahasd.sparse_attention.step.model_shape import ModelShape, shape_of
from ahasd.sparse_attention.step.recorded_choice import RecordedChoice, paging_of, split_of
from ahasd.sparse_attention.system import SYSTEMS, SparseAttentionSystem
from ahasd.traces.attention.resolve import resolve_attention
from ahasd.traces.attention.trace import AttentionTrace
from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.precision import Precision
from ahasd.workload.zoo import load_model

#: The value of ``attention`` that means that pages are drawn.
UNIFORM = "uniform"


@dataclass(frozen=True, eq=False, slots=True)
class PlacedAttention:
    """All that a run needs.

    Attributes
    ----------
    contexts
        Tokens that each step attends to.
    heads_source
        Where the classes of the heads come from.
    """

    system: SparseAttentionSystem
    device: BondedDevice
    attention: Attention
    contexts: Sequence[int]
    heads_source: str
    trace: AttentionTrace | None


def place(configuration: SparseAttentionConfiguration, must_fit: bool = True) -> PlacedAttention:
    """Look everything up.

    Parameters
    ----------
    must_fit
        Whether the device must hold weights and caches; a baseline may be costed that it does not hold.

    Raises
    ------
    AhasdError
        A name means nothing known, things do not go together, or the model does not fit the device.
    """
    if configuration.fidelity is not Fidelity.DETAILED:
        raise AhasdError(
            "--fidelity: systems of sparse attention have one model of their device; leave the option out"
        )
    given = configuration.system
    loaded = SYSTEMS.load(given) if isinstance(given, str) else SYSTEMS.parse(given)
    system = change_system(loaded, configuration.set)
    device = _device(configuration.hardware or system.default_hardware, configuration.set)
    spec = load_model(configuration.model)
    if not isinstance(spec, ModelSpec):
        raise AhasdError(f"{configuration.model} is no decoder")
    shape = shape_of(spec, Precision(configuration.weight_bits, configuration.kv_bits, 16))
    check_buffers(shape, device)
    if configuration.attention == UNIFORM:
        placed = _drawn(configuration, system, device, shape)
    else:
        placed = _replayed(configuration, system, device, shape)
    paging = placed.attention.paging
    last = max(placed.contexts)
    check_context(spec.maximum_positions, spec.name, last)
    if system.sparse:
        _check_window(paging.window, placed.contexts)
    if system.paged:
        check_rows(shape, device, paging.page)
    if not must_fit:
        return placed
    longest = list(placed.contexts).index(last)
    fullest = attention_step(placed.attention, device, configuration.batch, last, longest)
    check_fits(placed.attention, device, fullest, last, configuration.batch)
    return placed


def _check_window(window: Window, contexts: Sequence[int]) -> None:
    """See that every step leaves something out."""
    first = min(contexts)
    window.check_fits(max(contexts))
    if window.size > first:
        raise AhasdError(
            f"the first of {len(contexts)} steps has a context of {first}, and sink {window.sink} and recent "
            f"{window.recent} together are more: nothing would be left out; take a longer context, fewer --tokens or "
            "a smaller window"
        )


def _device(hardware: object, changes: Sequence[str]) -> BondedDevice:
    device = parse_bonded(hardware) if isinstance(hardware, dict) else load_bonded(str(hardware))
    for text in changes:
        key, value = split_assignment(text)
        if not key.startswith("system."):
            device = change_bonded(device, key, value)
    return device


def _drawn(
    configuration: SparseAttentionConfiguration,
    system: SparseAttentionSystem,
    device: BondedDevice,
    shape: ModelShape,
) -> PlacedAttention:
    paging = Paging(
        configuration.page, configuration.budget, Window(configuration.sink, configuration.recent)
    )
    heads = find_heads(configuration.heads, shape.name, shape.layers, shape.heads, configuration.streaming)
    last = context_size(configuration.context)
    if configuration.tokens > last:
        raise AhasdError(
            f"--tokens {configuration.tokens} are more than the context of {last}, which they are part of"
        )
    return PlacedAttention(
        system,
        device,
        build_attention(system, shape, heads, paging, configuration.seed),
        range(last - configuration.tokens + 1, last + 1),
        heads.source,
        None,
    )


def _replayed(
    configuration: SparseAttentionConfiguration,
    system: SparseAttentionSystem,
    device: BondedDevice,
    shape: ModelShape,
) -> PlacedAttention:
    trace = resolve_attention(configuration.attention)
    _refuse_contradictions(configuration, trace)
    split = split_of(trace, shape, system)
    attention = Attention(
        shape,
        split,
        paging_of(trace),
        system.sharing,
        build_mapping(system.mapping, system.tile),
        RecordedChoice(trace),
    )
    default = type(configuration).model_fields["tokens"].default
    steps = trace.steps if configuration.tokens == default else configuration.tokens
    if steps > trace.steps:
        raise AhasdError(f"--tokens {steps}: the attention trace has {trace.steps} steps")
    contexts = trace.context[:steps].tolist()
    return PlacedAttention(system, device, attention, contexts, f"the trace of {trace.header.model}", trace)


def _refuse_contradictions(configuration: SparseAttentionConfiguration, trace: AttentionTrace) -> None:
    """See that no option says otherwise than the trace, which has pages, heads and contexts of its own."""
    header = trace.header
    of_trace: dict[str, Any] = {
        "page": header.page,
        "budget": header.budget,
        "sink": header.sink,
        "recent": header.recent,
        "context": str(trace.context[-1]),
        "heads": None,
        "streaming": None,
        "batch": 1,
    }
    for name, value in of_trace.items():
        given = getattr(configuration, name)
        if given not in (type(configuration).model_fields[name].default, value):
            said = "says which heads stream" if value is None else f"has {name} {value}"
            raise AhasdError(f"--{name} {given}: the attention trace {said}; leave the option out")
