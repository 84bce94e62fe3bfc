"""Every network that can be planned by name."""

from collections.abc import Callable
from functools import cache

from ahasd.errors import UnknownNameError
from ahasd.private_inference.network.convolutional import (
    CIFAR,
    IMAGENET,
    minionn,
    mobilenet_v2,
    resnet,
    vgg16,
)
from ahasd.private_inference.network.glyph import glyph_network
from ahasd.private_inference.network.layer import Network
from ahasd.private_inference.network.transformer import bert_base, transformer_block

_BUILDERS: dict[str, Callable[[], Network]] = {
    "glyph": glyph_network,
    "minionn-cifar": minionn,
    "resnet18-cifar": lambda: resnet(18, CIFAR, 100),
    "resnet32-cifar": lambda: resnet(32, CIFAR, 100),
    "resnet18-imagenet": lambda: resnet(18, IMAGENET, 1000),
    "resnet50-imagenet": lambda: resnet(50, IMAGENET, 1000),
    "vgg16-cifar": lambda: vgg16(CIFAR, 100),
    "vgg16-imagenet": lambda: vgg16(IMAGENET, 1000),
    "mobilenetv2-cifar": lambda: mobilenet_v2(CIFAR, 100),
    "mobilenetv2-imagenet": lambda: mobilenet_v2(IMAGENET, 1000),
    "transformer-block": transformer_block,
    "bert-base": bert_base,
}


def network_names() -> list[str]:
    """In the order of the list."""
    return list(_BUILDERS)


@cache
def network_named(name: str) -> Network:
    """Find a network by name.

    Raises
    ------
    UnknownNameError
        There is none of that name.
    """
    if name not in _BUILDERS:
        raise UnknownNameError("private network", name, _BUILDERS)
    return _BUILDERS[name]()
