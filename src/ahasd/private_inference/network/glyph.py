"""The small network that is trained here and run for real: 8 x 8 images of digits, ten classes."""

from ahasd.private_inference.network.chain_builder import ChainBuilder
from ahasd.private_inference.network.layer import Network
from ahasd.workload.blocks.convolution import Window

SIDE = 8
CLASSES = 10


def glyph_network(images: int = 1) -> Network:
    """Four convolutions, one of which adds a shortcut, a maximum over 2 x 2, and a fully connected layer.

    Parameters
    ----------
    images
        That run together: every product has so many times the positions.
    """
    chain = ChainBuilder(1, SIDE)
    chain.convolution("first", 8)
    chain.convolution("block.a", 8, keeps_input=True)
    chain.convolution("block.b", 8, adds_kept=True, pool=Window((2, 2), 2))
    chain.convolution("last", 16, stride=2)
    chain.dense("classes", CLASSES, relu=False)
    network = chain.network("glyph", f"The digits' network of {SIDE} x {SIDE}, trained here")
    return network.batched(images)
