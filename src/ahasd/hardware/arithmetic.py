"""How wide the words are that an operator multiplies, and what that does to rates and energies.

A format with scales is two widths: `stored_bits`, exact with its scales, is what crosses a memory or fills a buffer;
`operand_bits`, one of 4, 8 and 16, is the class of kernels or multipliers that it counts as. Unpacking, and the
multiplication by a group's scale, take no time of their own beside it (ours).
"""

from typing import Protocol

from ahasd.workload.operators import Operator
from ahasd.workload.precision import Precision

#: Narrowest words for which a multiplier is faster than for wider ones (ours): INT4 weights are widened to the
#: activations that they meet, as in weight-only quantisation, so they run at the rate of INT8.
NARROWEST_BITS = 8


class RatesByWidth(Protocol):
    """A section of a preset that says what 16-bit arithmetic is beside that of 8 bits."""

    @property
    def rate_at_16_bit(self) -> float:
        """Rate of 16-bit multiply-accumulates, as a share of that of 8-bit ones."""

    @property
    def energy_at_16_bit(self) -> float:
        """Energy of a 16-bit multiply-accumulate, as a multiple of an 8-bit one's."""


def operand_bits(operator: Operator, precision: Precision) -> int:
    """Width of what a product multiplies its inputs by: weights, cached keys or values, or other activations."""
    if operator.kind.has_weights:
        return operator.weight_word_bits or precision.weight_bits
    return precision.kv_bits if operator.on_cache else precision.activation_bits


def stored_bits(operator: Operator, precision: Precision) -> float:
    """Bits that one of them takes where it lies, its share of the scales included."""
    if operator.kind.has_weights:
        return operator.weight_stored_bits or precision.weight_bits
    return precision.kv_type.bits if operator.on_cache else precision.activation_bits


def arithmetic_bits(operator: Operator, precision: Precision) -> int:
    """Width at which a product is computed: the wider of the two operands that meet, and no less than 8."""
    return max(NARROWEST_BITS, precision.activation_bits, operand_bits(operator, precision))


def rate_share(section: RatesByWidth, operator: Operator, precision: Precision) -> float:
    """Rate of a product, as a share of the device's rate for 8-bit words."""
    return section.rate_at_16_bit if arithmetic_bits(operator, precision) > NARROWEST_BITS else 1.0


def energy_factor(section: RatesByWidth, operator: Operator, precision: Precision) -> float:
    """Energy of a multiply-accumulate of a product, as a multiple of that of 8-bit words."""
    return section.energy_at_16_bit if arithmetic_bits(operator, precision) > NARROWEST_BITS else 1.0
