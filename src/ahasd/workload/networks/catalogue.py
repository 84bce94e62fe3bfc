"""The networks that can be named."""

from collections.abc import Callable
from typing import NamedTuple

from ahasd.errors import UnknownNameError
from ahasd.workload.graph import Graph, Node
from ahasd.workload.networks.cells import cell_network
from ahasd.workload.networks.experts import parallel_experts
from ahasd.workload.networks.genotypes import AMOEBANET_A, DARTS_V2, NASNET_A, PNASNET_5
from ahasd.workload.networks.random_wiring import random_wiring
from ahasd.workload.networks.residual import mobilenet_v2, resnet_50

#: Ends of nodes' names that say which element-wise function they are.
_FUNCTIONS = ("relu", "add")


class Network(NamedTuple):
    """How a network is built, and a line about it."""

    build: Callable[[], Graph]
    text: str


_CIFAR = "cells N N R N N, 32 x 32, 36 channels"
NETWORKS = {
    "nasnet-a": Network(lambda: cell_network(NASNET_A), f"NASNet-A, {_CIFAR}"),
    "amoebanet-a": Network(lambda: cell_network(AMOEBANET_A), f"AmoebaNet-A, {_CIFAR}"),
    "pnasnet-5": Network(lambda: cell_network(PNASNET_5), f"PNASNet-5, {_CIFAR}"),
    "darts": Network(lambda: cell_network(DARTS_V2), f"DARTS V2, {_CIFAR}"),
    "randwire": Network(random_wiring, "RandWire, three stages of WS(32, 4, 0.75), 78 channels, seed 0"),
    "mobilenet-v2": Network(mobilenet_v2, "MobileNetV2, 224 x 224"),
    "resnet-50": Network(resnet_50, "ResNet-50, 224 x 224"),
    "parallel-experts": Network(
        parallel_experts, "a layer of a language model: attention beside eight experts, 256 tokens"
    ),
}


def build_network(name: str) -> Graph:
    """Build one, in FP16.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name not in NETWORKS:
        raise UnknownNameError("network", name, NETWORKS)
    graph = NETWORKS[name].build()
    return Graph(tuple(map(_with_function, graph.nodes)), graph.values)


def _with_function(node: Node) -> Node:
    """Name the element-wise function that a node is, which says that it may work in place."""
    function = node.name.rpartition(".")[2]
    return node._replace(op=function) if function in _FUNCTIONS else node
