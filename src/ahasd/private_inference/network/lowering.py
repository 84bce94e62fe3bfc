"""The protocols of a layer, in order: what the plan adds up and what the real run executes."""

from dataclasses import dataclass

from ahasd.private_inference.network.layer import Layer, Pool
from ahasd.private_inference.network.rules import Rules
from ahasd.private_inference.network.widths import Widths
from ahasd.private_inference.protocols.activation import MaximumPool, Relu
from ahasd.private_inference.protocols.conversion import Extension, Opening, Sign, Truncation
from ahasd.private_inference.protocols.product import Product, SharedProduct, cheaper_product
from ahasd.private_inference.protocols.protocol import Protocol
from ahasd.private_inference.protocols.transfer import Party


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a layer finds.

    Attributes
    ----------
    activation_bits
        Of the chain's value.
    non_negative
        Whether it comes from a ReLU.
    clear
        Whether it is the client's own input.
    kept_bits, kept_non_negative, kept_ring_bits
        Of the kept value; the ring to which it was extended for a product.
    """

    activation_bits: int
    non_negative: bool = True
    clear: bool = False
    kept_bits: int = 0
    kept_non_negative: bool = True
    kept_ring_bits: int = 0


@dataclass(frozen=True, slots=True)
class LoweredLayer:
    """A layer's protocols.

    Attributes
    ----------
    layer, widths, ring_bits
        Which; and the ring of its product.
    shift
        Bits that requantisation drops; 0 for the last layer.
    operations
        Name and protocol, in order.
    """

    layer: Layer
    widths: Widths
    ring_bits: int
    shift: int
    operations: tuple[tuple[str, Protocol], ...]


def signed_ring(activation_bits: int) -> int:
    """Bits of the ring between layers: the activation's, and a sign."""
    return activation_bits + 1


def accumulator_bits(layer: Layer, widths: Widths) -> int:
    """Bits that hold every sum of a layer, that with a kept value included."""
    weight_bits = widths.activations if layer.shared else widths.weights
    input_bits = 1 if layer.one_hot else widths.activations
    return layer.shape.accumulator_bits(weight_bits, input_bits) + layer.adds_kept


def lower(
    layer: Layer,
    widths: Widths,
    incoming: Incoming,
    output_bits: int | None,
    rules: Rules,
    shift: int | None = None,
) -> LoweredLayer:
    """List the protocols of a layer.

    Parameters
    ----------
    incoming
        What it reads.
    output_bits
        Of the activations that it makes; None for the last layer, whose sums are opened.
    shift
        Bits that requantisation drops; by default so many that the largest possible sum fits. The product is computed
        modulo what is left of it.
    """
    ring = accumulator_bits(layer, widths)
    if output_bits is not None:
        shift = max(0, ring - signed_ring(output_bits)) if shift is None else shift
        ring = min(ring, shift + signed_ring(output_bits))
    operations = up_to_sums(layer, widths, incoming, ring, rules)
    if output_bits is None:
        operations.append(("open", Opening(layer.outputs, ring)))
        return LoweredLayer(layer, widths, ring, 0, tuple(operations))
    assert shift is not None
    operations += requantised(layer, ring, shift, output_bits, rules)
    return LoweredLayer(layer, widths, ring, shift, tuple(operations))


def up_to_sums(
    layer: Layer, widths: Widths, incoming: Incoming, ring: int, rules: Rules
) -> list[tuple[str, Protocol]]:
    """Extension, product, and a kept value's extension: what makes the sums in their ring."""
    operations: list[tuple[str, Protocol]] = []
    if not incoming.clear:
        sign = _sign(incoming.kept_non_negative if layer.on_kept else incoming.non_negative, rules)
        operations.append(("extend", Extension(layer.inputs, signed_ring(widths.activations), ring, sign)))
    operations.append(("multiply", _product(layer, widths, ring, incoming, rules)))
    if layer.adds_kept:
        operations.append(("extend kept", _kept(layer, ring, incoming, rules)))
    return operations


def _sign(non_negative: bool, rules: Rules) -> Sign:
    return Sign.NON_NEGATIVE if non_negative and rules.known_sign else Sign.SIGNED


def _product(layer: Layer, widths: Widths, ring: int, incoming: Incoming, rules: Rules) -> Protocol:
    if layer.shared:
        return SharedProduct(layer.shape, ring)
    # In a narrow ring only the low bits of weights and of the client's input matter.
    weight_bits = min(widths.weights, ring)
    input_bits = min(1 if layer.one_hot else widths.activations, ring) if incoming.clear else 0
    if rules.receiver == "cheaper":
        return cheaper_product(layer.shape, weight_bits, ring, input_bits, rules.transfer)
    receiver = Party.SERVER if rules.receiver == "server" else Party.CLIENT
    return Product(layer.shape, weight_bits, ring, receiver, input_bits)


def _kept(layer: Layer, ring: int, incoming: Incoming, rules: Rules) -> Protocol:
    start, sign = signed_ring(incoming.kept_bits), _sign(incoming.kept_non_negative, rules)
    # Where the sign is not known, the comparison of a wider ring would cost more than it saves.
    if rules.reuse_extension and sign is Sign.NON_NEGATIVE:
        start = max(start, incoming.kept_ring_bits)
    return Extension(layer.outputs, start, ring, sign)


def requantised(
    layer: Layer, ring: int, shift: int, output_bits: int, rules: Rules
) -> list[tuple[str, Protocol]]:
    """Truncation, activation and pooling: what makes activations of sums."""
    wanted, left, elements = signed_ring(output_bits), ring - shift, layer.outputs
    found: list[tuple[str, Protocol]] = []
    if rules.skip_extension:
        found.append(("truncate", Truncation(elements, ring, shift, min(left, wanted))))
        left = min(left, wanted)
    else:
        found.append(("truncate", Truncation(elements, ring, shift, left)))
        found.append(("extend back", Extension(elements, left, ring, Sign.SIGNED)))
        left = ring
    found.append(("extend up", Extension(elements, left, wanted, Sign.SIGNED)))
    if layer.relu:
        found.append(("relu", Relu(elements, wanted)))
    if layer.maximum_pool is not None:
        found.append(("maximum", MaximumPool(layer.maximum_pool.outputs, layer.maximum_pool.window, wanted)))
    if layer.mean_pool is not None:
        found += _mean(layer.mean_pool, wanted, layer.relu, rules)
    return found


def _mean(pool: Pool, ring: int, non_negative: bool, rules: Rules) -> list[tuple[str, Protocol]]:
    """A sum, divided by the power of two that is at least as large as the window."""
    shift = (pool.window - 1).bit_length()
    extended = Extension(pool.outputs * pool.window, ring, ring + shift, _sign(non_negative, rules))
    return [("extend for mean", extended), ("mean", Truncation(pool.outputs, ring + shift, shift, ring))]
