"""A program run node by node, in any order, with every tensor given back after its last use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.decoding.exported.program import Steps, made_by, value_name
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class Execution:
    """What a run came to.

    Attributes
    ----------
    outputs
        By name.
    live_bytes
        By step: bytes of all storages that were alive right after the call, weights apart.
    """

    outputs: Mapping[str, Any]
    live_bytes: tuple[int, ...]

    @property
    def peak_bytes(self) -> int:
        """The most at any step."""
        return max(self.live_bytes, default=0)


def execute(steps: Steps, order: Sequence[int], inputs: Mapping[str, Any]) -> Execution:
    """Run the calls of a program in an order.

    Every value has memory of its own: what a call returns as a view is copied. What a kernel takes for itself while
    it runs is not counted.

    Parameters
    ----------
    order
        Numbers of the calls.
    inputs
        Tensors by name; left untouched.

    Raises
    ------
    AhasdError
        The order is none.
    """
    if sorted(order) != list(range(len(steps.calls))):
        raise AhasdError(f"an order of {len(steps.calls)} nodes names each of them once")
    last = {value_name(node): step for step, n in enumerate(order) for node in steps.calls[n].all_input_nodes}
    program = steps.program
    held = dict(
        zip([n.name for n in program.graph.nodes if n.op == "placeholder"], _weights(program), strict=False)
    )
    weights = {name: held[name] for name in steps.constants}
    storages = _Storages()
    there = {name: storages.keep(inputs[name].clone()) for name in steps.given if name in last}
    live = []
    with torch.no_grad():
        for step, number in enumerate(order):
            call = steps.calls[number]
            _call(call, there, weights, storages)
            live.append(storages.bytes())
            read = [value_name(node) for node in call.all_input_nodes]
            for name in {*read, *made_by(call)}:
                if last.get(name, -1) <= step and name not in steps.returned:
                    there.pop(name, None)
    every = {**weights, **inputs, **there}
    return Execution({name: every[name] for name in steps.returned}, tuple(live))


def _weights(program: Any) -> list[Any]:
    """Tensors of a model in the order of its placeholders, None for what a user gives."""
    signature, found = program.graph_signature, []
    for spec in signature.input_specs:
        target = spec.target
        found.append(program.state_dict.get(target, program.constants.get(target)) if target else None)
    return found


def _call(call: Any, there: dict[str, Any], weights: Mapping[str, Any], storages: "_Storages") -> None:
    """Run one call, and put its results where others find them."""

    def tensor(node: Any) -> Any:
        name = value_name(node)
        if name in there:
            return there[name]
        if name in weights:
            return weights[name]
        raise AhasdError(f"{call.name} runs before what makes {name}")

    args, kwargs = torch.fx.node.map_arg((call.args, call.kwargs), tensor)
    made = call.target(*args, **kwargs)
    taken = {value.untyped_storage().data_ptr() for value in (*there.values(), *weights.values())}
    results = [value for value in (made if isinstance(made, tuple | list) else [made])]
    for name, value in zip(made_by(call), filter(torch.is_tensor, results), strict=True):
        shares = value.untyped_storage().data_ptr() in taken and value.numel()
        there[name] = storages.keep(value.clone() if shares else value)
        taken.add(there[name].untyped_storage().data_ptr())


class _Storages:
    """Memory that was taken, followed without being held."""

    def __init__(self) -> None:
        from torch.multiprocessing.reductions import StorageWeakRef

        self._follow = StorageWeakRef
        self._followed: dict[int, tuple[Any, int]] = {}

    def keep(self, tensor: Any) -> Any:
        """Follow a tensor's memory; returns the tensor."""
        storage = tensor.untyped_storage()
        self._followed[storage._cdata] = (self._follow(storage), storage.nbytes())
        return tensor

    def bytes(self) -> int:
        """Of all that is still alive."""
        self._followed = {key: pair for key, pair in self._followed.items() if not pair[0].expired()}
        return sum(size for _, size in self._followed.values())
