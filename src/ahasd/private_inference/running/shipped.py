"""Quantised networks as files, and those that come with the package.

A file holds whole numbers, and in its header what both parties may know.
"""

import json
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.private_inference.network.glyph import glyph_network
from ahasd.private_inference.network.layer import Network
from ahasd.private_inference.network.widths import read_widths, shortened
from ahasd.private_inference.precision.sensitivity import Sensitivity, equal_sensitivity, read_sensitivity
from ahasd.private_inference.running.quantised import PublicPart, QuantisedNetwork

DATA = files("ahasd.private_inference") / "data"
#: Those trained here: all layers at 4 bits, and widths chosen for the bytes of 3 bits.
SHIPPED = ("w4a4", "mixed")
#: Seed of the test images; training saw none of them.
TEST_SEED = 2


def write_quantised(path: Path, network: QuantisedNetwork) -> None:
    """Write a network that `read_quantised` reads."""
    public, tensors = network.public, {}
    for layer, weights, bias in zip(public.network.layers, network.weights, network.biases, strict=True):
        tensors[f"{layer.name}.weight"] = weights.astype(np.int8)
        tensors[f"{layer.name}.bias"] = bias.astype(np.int32)
    header = {
        "network": public.network.name,
        "widths": shortened(public.widths),
        "shifts": ",".join(map(str, public.shifts)),
        "kept_shifts": ",".join(map(str, public.kept_shifts)),
    }
    save_file(tensors, path, header)


def shipped_network(name: str) -> QuantisedNetwork:
    """One that comes with the package.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name not in SHIPPED:
        raise UnknownNameError("trained network", name, SHIPPED)
    return read_quantised(Path(str(DATA / f"glyph-{name}.safetensors")))


def read_quantised(path: Path) -> QuantisedNetwork:
    """Read a file of the digits' network.

    Raises
    ------
    AhasdError
        It is none, or its weights do not fit.
    """
    network = glyph_network()
    try:
        with safe_open(path, "np") as file:
            header = file.metadata() or {}
            held = {name: file.get_tensor(name).astype(np.int64) for name in file.keys()}  # noqa: SIM118
        public = PublicPart(
            network,
            read_widths(header["widths"], len(network.layers)),
            _numbers(header["shifts"]),
            _numbers(header["kept_shifts"]),
        )
        parts = [
            tuple(held[f"{layer.name}.{part}"] for layer in network.layers) for part in ("weight", "bias")
        ]
        return QuantisedNetwork(public, parts[0], parts[1])
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise AhasdError(f"'{path}' holds no quantised network of the digits ({error})") from error


class Accuracy(NamedTuple):
    """Share of the test images that a network gets right which was trained on in its widths."""

    way: str
    widths: str
    bytes: int
    share: float


def accuracies(network: Network) -> list[Accuracy]:
    """What was measured when the digits' network was trained; nothing of any other network."""
    if network.name != glyph_network().name:
        return []
    found = json.loads((DATA / "glyph-accuracy.json").read_text(encoding="utf-8"))
    rows = [Accuracy("float", "", 0, found.pop("float"))]
    return rows + [
        Accuracy(way, row["widths"].lower(), row["bytes"], row["accuracy"]) for way, row in found.items()
    ]


def own_sensitivity(network: Network) -> Sensitivity:
    """That measured on the digits' network; of shapes without weights, equal ones."""
    if network.name != glyph_network().name:
        return equal_sensitivity(network)
    return read_sensitivity(Path(str(DATA / "glyph-sensitivity.json")), network)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))
