"""Files of torch.export, and the steps of a program: calls without side effects, tensors between them."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from operator import getitem
from pathlib import Path
from typing import Any

from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError
from ahasd.text_files import read_file

#: Bytes of a file at most (ours).
MOST_BYTES = 2**35


@dataclass(frozen=True, slots=True)
class Steps:
    """A program as calls.

    Attributes
    ----------
    program
        As torch has it; no call of it writes into what another reads.
    calls
        Its calls in order, but for those that only pick one of several results.
    given
        Names of what a user gives.
    constants
        Names of parameters, buffers and tensors of the model.
    returned
        Names of values that it is run for.
    tensors
        By value: a tensor without data that has its shape and type.
    """

    program: Any
    calls: tuple[Any, ...]
    given: tuple[str, ...]
    constants: tuple[str, ...]
    returned: tuple[str, ...]
    tensors: dict[str, Any]


def load_program(path: Path) -> Any:
    """Load a ``.pt2``.

    Raises
    ------
    AhasdError
        It cannot be read or is none.
    """
    content = read_file(path, "exported program", MOST_BYTES)
    try:
        with _unheard():
            return torch.export.load(BytesIO(content))
    except Exception as error:  # whatever a broken archive makes torch raise
        reason = str(error).strip().splitlines()
        raise AhasdError(
            f"{path} is no program of torch.export that torch {torch.__version__} can read: "
            f"{reason[0] if reason else type(error).__name__}"
        ) from error


@contextmanager
def _unheard() -> Iterator[None]:
    """Keep what torch logs and warns of its own calls off the terminal; errors are raised all the same."""
    logger = logging.getLogger("torch.export")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)


def steps_of(program: Any, where: str) -> Steps:
    """Read the steps off a program.

    A program with calls that write into their arguments is first made functional by torch: such calls become
    ordinary ones, so that every value is written once.

    Raises
    ------
    AhasdError
        It has control flow, or a value without a fixed size; the message begins with `where`.
    """
    if any(_writes(node) for node in program.graph.nodes):
        with _unheard():
            program = program.run_decompositions({})
    calls, tensors = [], {}
    for node in program.graph.nodes:
        if node.op == "get_attr" or (
            node.op == "call_function"
            and not isinstance(node.target, torch._ops.OpOverload)
            and not _picks(node)
        ):
            raise AhasdError(
                f"{where}: node {node.name} calls {node.target}, which holds a graph of its own or is no plain "
                "operator; what it runs, and so what lives, is not known before it runs"
            )
        if node.op == "output" or _picks(node):
            continue
        for name, tensor in _made(node):
            if any(not isinstance(length, int) for length in tensor.shape):
                raise AhasdError(
                    f"{where}: value {name} has open lengths ({', '.join(map(str, tensor.shape))}); export the model "
                    "with static shapes"
                )
            tensors[name] = tensor
        if node.op == "call_function":
            if not isinstance(node.meta.get("val"), torch.Tensor | tuple | list | None):
                raise AhasdError(
                    f"{where}: node {node.name} makes no tensor but a number that other nodes may need"
                )
            calls.append(node)
    signature = program.graph_signature
    given = tuple(name for name in signature.user_inputs if name in tensors)
    held = {node.name for node in program.graph.nodes if node.op == "placeholder"} & tensors.keys()
    (output,) = (node for node in program.graph.nodes if node.op == "output")
    returned = tuple(dict.fromkeys(value_name(node) for node in output.all_input_nodes))
    constants = tuple(name for name in tensors if name in held and name not in given)
    return Steps(program, tuple(calls), given, constants, returned, tensors)


def value_name(node: Any) -> str:
    """Name of the tensor that a node stands for: its own, or which of several results of another."""
    return f"{value_name(node.args[0])}.{node.args[1]}" if _picks(node) else str(node.name)


def _made(node: Any) -> Iterator[tuple[str, Any]]:
    """Tensors that a node makes, by name."""
    said = node.meta.get("val")
    if isinstance(said, torch.Tensor):
        yield node.name, said
    elif isinstance(said, tuple | list):
        for place, tensor in enumerate(said):
            if isinstance(tensor, torch.Tensor):
                yield f"{node.name}.{place}", tensor


def made_by(node: Any) -> tuple[str, ...]:
    """Names of the tensors that a call makes."""
    return tuple(name for name, _ in _made(node))


def _picks(node: Any) -> bool:
    return node.op == "call_function" and node.target is getitem


def _writes(node: Any) -> bool:
    schema = getattr(node.target, "_schema", None) if node.op == "call_function" else None
    return schema is not None and bool(schema.is_mutable)
