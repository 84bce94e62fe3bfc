"""Convolutional networks of the literature. Norms are folded into the convolutions before them."""

from ahasd.private_inference.network.chain_builder import ChainBuilder
from ahasd.private_inference.network.layer import Network
from ahasd.workload.blocks.convolution import Window

_HALVING = Window((2, 2), 2)
CIFAR, IMAGENET = 32, 224

#: Channels of VGG-16's convolutions; a maximum over 2 x 2 ends each group (Simonyan and Zisserman, ICLR 2015).
_VGG16 = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))

#: Expansion, channels, blocks, stride (Sandler et al., CVPR 2018, table 2).
_MOBILENET = (
    (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)
)  # fmt: skip


def resnet(depth: int, size: int, classes: int) -> Network:
    """ResNet-18, -32 or -50 (He et al., CVPR 2016); images of 32 x 32 have a stem without stride or pool."""
    small = size == CIFAR
    name = f"resnet{depth}-{'cifar' if small else 'imagenet'}"
    chain = ChainBuilder(3, size)
    if depth == 32:
        chain.convolution("stem", 16)
        stages: tuple[tuple[int, int], ...] = ((16, 5), (32, 5), (64, 5))
    else:
        if small:
            chain.convolution("stem", 64)
        else:
            chain.convolution("stem", 64, 7, 2, pool=Window((3, 3), 2, 1))
        blocks = (2, 2, 2, 2) if depth == 18 else (3, 4, 6, 3)
        stages = tuple(zip((64, 128, 256, 512), blocks, strict=True))
    for stage, (channels, blocks_here) in enumerate(stages):
        for block in range(blocks_here):
            last = stage == len(stages) - 1 and block == blocks_here - 1
            stride = 2 if stage and not block else 1
            _block(chain, f"{stage + 1}.{block + 1}", channels, stride, depth == 50, last)
    chain.dense("classes", classes, relu=False)
    return chain.network(name, f"ResNet-{depth}, {size} x {size}, {classes} classes")


def _block(chain: ChainBuilder, name: str, channels: int, stride: int, bottleneck: bool, last: bool) -> None:
    outputs = 4 * channels if bottleneck else channels
    projected = stride > 1 or chain.channels != outputs
    if bottleneck:
        chain.convolution(f"{name}.a", channels, 1, keeps_input=True)
        chain.convolution(f"{name}.b", channels, 3, stride)
    else:
        chain.convolution(f"{name}.a", channels, 3, stride, keeps_input=True)
    if projected:
        chain.convolution(f"{name}.project", outputs, 1, stride, on_kept=True, relu=False)
    end = "c" if bottleneck else "b"
    chain.convolution(f"{name}.{end}", outputs, 1 if bottleneck else 3, adds_kept=True, mean=last)


def vgg16(size: int, classes: int) -> Network:
    """VGG-16; for images of 32 x 32 one fully connected layer of 512, as is usual there."""
    chain = ChainBuilder(3, size)
    for stage, widths in enumerate(_VGG16):
        for place, channels in enumerate(widths):
            pool = _HALVING if place == len(widths) - 1 else None
            chain.convolution(f"{stage + 1}.{place + 1}", channels, pool=pool)
    for place, width in enumerate((512,) if size == CIFAR else (4096, 4096)):
        chain.dense(f"dense{place + 1}", width)
    chain.dense("classes", classes, relu=False)
    kind = "cifar" if size == CIFAR else "imagenet"
    return chain.network(f"vgg16-{kind}", f"VGG-16, {size} x {size}, {classes} classes")


def mobilenet_v2(size: int, classes: int) -> Network:
    """MobileNetV2; images of 32 x 32 keep their size in the stem and the first stage, as is usual there."""
    small = size == CIFAR
    chain = ChainBuilder(3, size).convolution("stem", 32, 3, 1 if small else 2)
    for stage, (expansion, channels, blocks, stride) in enumerate(_MOBILENET):
        for block in range(blocks):
            step = stride if block == 0 and not (small and stage == 1) else 1
            name, added = f"{stage + 1}.{block + 1}", step == 1 and chain.channels == channels
            inner = expansion * chain.channels
            if expansion > 1:
                chain.convolution(f"{name}.expand", inner, 1, keeps_input=added)
            chain.convolution(f"{name}.depthwise", inner, 3, step, depthwise=True)
            chain.convolution(f"{name}.project", channels, 1, adds_kept=added, relu=False)
    chain.convolution("head", 1280, 1, mean=True).dense("classes", classes, relu=False)
    kind = "cifar" if small else "imagenet"
    note = "ReLU in place of ReLU6."
    return chain.network(f"mobilenetv2-{kind}", f"MobileNetV2, {size} x {size}, {classes} classes", note)


def minionn() -> Network:
    """The CIFAR-10 network of MiniONN (Liu et al., CCS 2017), with maxima for its means."""
    chain = ChainBuilder(3, CIFAR)
    chain.convolution("1", 64).convolution("2", 64, pool=_HALVING)
    chain.convolution("3", 64).convolution("4", 64, pool=_HALVING)
    chain.convolution("5", 64).convolution("6", 64, 1).convolution("7", 16, 1)
    chain.dense("classes", 10, relu=False)
    return chain.network("minionn-cifar", "MiniONN, 32 x 32, 10 classes", "Maxima in place of mean pooling.")
