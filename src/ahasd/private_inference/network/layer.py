"""A network as two parties compute it: a chain of products, beside which one value may be kept for a later sum."""

from dataclasses import dataclass, replace

from ahasd.errors import AhasdError
from ahasd.private_inference.protocols.product import Shape


@dataclass(frozen=True, slots=True)
class Pool:
    """Windows over the channels' positions: how many, and elements in each."""

    outputs: int
    window: int

    def batched(self, images: int) -> "Pool":
        """For so many images at once."""
        return replace(self, outputs=self.outputs * images)


@dataclass(frozen=True, slots=True)
class Layer:
    """A product and what follows it: a sum, requantisation, an activation function, pooling.

    Attributes
    ----------
    name
        Its own in the network.
    shape
        Of the product.
    inputs
        Activations that it reads, each once.
    keeps_input
        Whether what it reads is kept for a later sum.
    on_kept
        Whether it reads and replaces the kept value, as the projection of a shortcut does, instead of the chain's.
    adds_kept
        Whether the kept value is added to its result.
    relu
        Whether a ReLU follows.
    maximum_pool, mean_pool
        What follows that.
    shared
        Whether both operands are activations, as in attention.
    one_hot
        Whether its input has one bit for each element, as the numbers of tokens have.
    """

    name: str
    shape: Shape
    inputs: int
    keeps_input: bool = False
    on_kept: bool = False
    adds_kept: bool = False
    relu: bool = True
    maximum_pool: Pool | None = None
    mean_pool: Pool | None = None
    shared: bool = False
    one_hot: bool = False

    @property
    def outputs(self) -> int:
        """Elements of the product's result."""
        return self.shape.groups * self.shape.outputs * self.shape.positions

    @property
    def weights(self) -> int:
        """Weights of the product."""
        return 0 if self.shared else self.shape.groups * self.shape.outputs * self.shape.depth

    def batched(self, images: int) -> "Layer":
        """For so many images at once, whose positions stand side by side."""
        return replace(
            self,
            shape=replace(self.shape, positions=self.shape.positions * images),
            inputs=self.inputs * images,
            maximum_pool=self.maximum_pool and self.maximum_pool.batched(images),
            mean_pool=self.mean_pool and self.mean_pool.batched(images),
        )


@dataclass(frozen=True, slots=True)
class Network:
    """Layers in order; the last one's result is opened to the client.

    Attributes
    ----------
    name, title
        As users call it, and what it is.
    layers
        In order.
    note
        What differs from the public network; empty if nothing does.

    Raises
    ------
    AhasdError
        It has no layer, two of a name, or a sum before anything was kept.
    """

    name: str
    title: str
    layers: tuple[Layer, ...]
    note: str = ""

    def __post_init__(self) -> None:
        names = [layer.name for layer in self.layers]
        if not names or len(set(names)) < len(names):
            raise AhasdError(f"{self.name}: a network has layers with a name of their own each")
        kept = False
        for layer in self.layers:
            kept |= layer.keeps_input
            if (layer.adds_kept or layer.on_kept) and not kept:
                raise AhasdError(f"{self.name}: {layer.name} uses a kept value, and none was kept")

    @property
    def weights(self) -> int:
        """Weights of all products."""
        return sum(layer.weights for layer in self.layers)

    def batched(self, images: int) -> "Network":
        """For so many images at once; attention, whose products are not of weights, runs them one by one.

        Raises
        ------
        AhasdError
            There is less than one image, or a product of two activations.
        """
        if images < 1:
            raise AhasdError(f"{images} images cannot be run; ask for at least 1")
        if any(layer.shared for layer in self.layers):
            raise AhasdError(f"{self.name} multiplies activations by activations; plan it for 1 at a time")
        return replace(self, layers=tuple(layer.batched(images) for layer in self.layers))
