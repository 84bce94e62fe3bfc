"""Networks of blocks with a way around: ResNet-50 and MobileNetV2, batch norm folded into the convolutions."""

from ahasd.workload.blocks.convolution import Convolution, Window, activate, pool
from ahasd.workload.blocks.norm import add
from ahasd.workload.graph import Graph
from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.linear_layer import LinearLayer
from ahasd.workload.networks.cells import PRECISION

_ONE, _CLASSES = (1, 1), 1000


def resnet_50(size: int = 224) -> Graph:
    """Build it (He et al., arXiv 1512.03385, table 1; the stride is that of the 3 x 3 convolutions)."""
    graph = GraphBuilder(PRECISION)
    x = graph.input("x", (size, size, 3))
    x = activate(graph, "stem.relu", Convolution("stem.conv", 3, 64, Window((7, 7), 2, 3)).build(graph, x))
    x = pool(graph, "stem.pool", x, Window((3, 3), 2, 1))
    for stage, (blocks, width) in enumerate(((3, 64), (4, 128), (6, 256), (3, 512))):
        for block in range(blocks):
            stride = 2 if stage and not block else 1
            x = _bottleneck(graph, f"stage{stage}.block{block}", x, width, stride)
    return _classify(graph, x)


def mobilenet_v2(size: int = 224) -> Graph:
    """Build it (Sandler et al., arXiv 1801.04381, table 2)."""
    graph = GraphBuilder(PRECISION)
    x = graph.input("x", (size, size, 3))
    x = activate(graph, "stem.relu", Convolution("stem.conv", 3, 32, Window((3, 3), 2, 1)).build(graph, x))
    table = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )
    for stage, (expansion, width, blocks, stride) in enumerate(table):
        for block in range(blocks):
            x = _inverted(graph, f"stage{stage}.block{block}", x, expansion, width, 1 if block else stride)
    x = activate(graph, "last.relu", Convolution("last.conv", 320, 1280, Window(_ONE)).build(graph, x))
    return _classify(graph, x)


def _bottleneck(graph: GraphBuilder, name: str, x: str, width: int, stride: int) -> str:
    channels = graph.shape(x)[-1]
    y = Convolution(f"{name}.narrow", channels, width, Window(_ONE)).build(graph, x)
    y = activate(graph, f"{name}.narrow.relu", y)
    y = Convolution(f"{name}.middle", width, width, Window((3, 3), stride, 1)).build(graph, y)
    y = activate(graph, f"{name}.middle.relu", y)
    y = Convolution(f"{name}.wide", width, 4 * width, Window(_ONE)).build(graph, y)
    if stride > 1 or channels != 4 * width:
        x = Convolution(f"{name}.around", channels, 4 * width, Window(_ONE, stride)).build(graph, x)
    return activate(graph, f"{name}.relu", add(graph, f"{name}.add", x, y))


def _inverted(graph: GraphBuilder, name: str, x: str, expansion: int, width: int, stride: int) -> str:
    channels = graph.shape(x)[-1]
    inside, y = channels * expansion, x
    if expansion > 1:
        y = Convolution(f"{name}.wide", channels, inside, Window(_ONE)).build(graph, y)
        y = activate(graph, f"{name}.wide.relu", y)
    y = Convolution(f"{name}.depthwise", inside, inside, Window((3, 3), stride, 1), groups=inside).build(
        graph, y
    )
    y = activate(graph, f"{name}.depthwise.relu", y)
    y = Convolution(f"{name}.narrow", inside, width, Window(_ONE)).build(graph, y)
    return add(graph, f"{name}.add", x, y) if stride == 1 and channels == width else y


def _classify(graph: GraphBuilder, x: str) -> Graph:
    *size, channels = graph.shape(x)
    means = pool(graph, "means", x, Window(tuple(size)))
    return graph.graph(graph.linear(LinearLayer("classes", channels, _CLASSES), means))
