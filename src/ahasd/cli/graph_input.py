"""The graph that a command is given: a file of one of several kinds, or a network by name."""

from collections.abc import Sequence
from pathlib import Path

from ahasd.errors import AhasdError
from ahasd.text_files import plain_number
from ahasd.workload.graph import Graph

#: Kinds of files, by the end of their names.
SUFFIXES = (".json", ".onnx", ".pt2")


def read_graph(file: Path | None, network: str | None, dims: Sequence[str]) -> tuple[str, Graph]:
    """Read it; return its name, too.

    Raises
    ------
    AhasdError
        Neither or both are given, the kind is none of the known ones, a length is given that is not asked for, or the
        file cannot be read.
    """
    if (file is None) == (network is None):
        raise AhasdError("give a FILE (.json, .onnx or .pt2), or --network and a name, and not both")
    lengths = dict(_length(said) for said in dims)
    if lengths and (file is None or file.suffix.lower() != ".onnx"):
        raise AhasdError("--dim gives lengths that an ONNX file leaves open; only those have such")
    if network is not None:
        from ahasd.workload.networks.catalogue import build_network

        return network, build_network(network)
    assert file is not None
    match file.suffix.lower():
        case ".json":
            from ahasd.workload.readers.graphs.graph_json import read_graph_json

            return file.stem, read_graph_json(file)
        case ".onnx":
            from ahasd.workload.readers.graphs.onnx_file import read_onnx

            return file.stem, read_onnx(file, lengths)
        case ".pt2":
            from ahasd.decoding.exported.graph import read_exported

            return file.stem, read_exported(file)
    raise AhasdError(f"{file}: a graph is a file that ends in {', '.join(SUFFIXES)}")


def _length(said: str) -> tuple[str, int]:
    name, equals, value = (part.strip() for part in said.partition("="))
    if not equals or not name:
        raise AhasdError(f"--dim {said}: expected NAME=LENGTH, such as batch=1")
    try:
        length = int(plain_number(value))
    except ValueError as error:
        raise AhasdError(f"--dim {said}: {value!r} is no whole number") from error
    if length < 1:
        raise AhasdError(f"--dim {said}: a length is at least 1")
    return name, length
