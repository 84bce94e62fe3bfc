"""Bytes of the protocols against closed forms and the formulas of public code."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ahasd.errors import AhasdError
from ahasd.private_inference.protocols.activation import MaximumPool, Relu, pairings
from ahasd.private_inference.protocols.comparison import Carry, digit_widths
from ahasd.private_inference.protocols.conversion import BitToNumber, Extension, Sign, Truncation
from ahasd.private_inference.protocols.oblivious_transfer import DEALER, IKNP, SILENT
from ahasd.private_inference.protocols.product import Product, Shape, SharedProduct, cheaper_product
from ahasd.private_inference.protocols.protocol import bits, rounds, socket_bytes
from ahasd.private_inference.protocols.transfer import FRAME_BYTES, Party, Transfer, one_way_trips

#: A multiple of 8, so that nothing is padded.
MANY = 1024


@given(st.integers(2, 8), st.integers(10, 24), st.integers(1, 8), st.integers(1, 64), st.integers(1, 16))
def test_a_product_sends_what_the_formula_of_public_code_says(
    bits_received: int, ring: int, d1: int, d2: int, d3: int
) -> None:
    """EzPC's cross term: d1 d2 (128 m + d3 (m (l - m) + (m^2 + m) / 2)) bits, here in whole bytes."""
    m = bits_received
    product = Product(Shape(8 * d1, d2, d3), m, ring, Party.SERVER)
    assert bits(product, IKNP) == 8 * d1 * d2 * (128 * m + d3 * (m * (ring - m) + (m * m + m) // 2))


def test_a_client_that_receives_feeds_all_bits_of_its_share_or_those_of_its_own_input() -> None:
    shared = Product(Shape(8, 16, 4), 4, 12, Party.CLIENT)
    own = replace(shared, input_bits=3)
    assert bits(shared, IKNP) == 16 * 4 * (128 * 12 + 8 * sum(range(1, 13)))
    assert bits(own, IKNP) == 16 * 4 * (128 * 3 + 8 * (12 + 11 + 10))


def test_the_cheaper_operand_receives() -> None:
    wide, tall = Shape(8, 16, 4096), Shape(4096, 16, 1)
    assert cheaper_product(wide, 4, 12, 0, IKNP).receiver is Party.SERVER
    assert cheaper_product(tall, 4, 12, 0, IKNP).receiver is Party.CLIENT


def test_a_shared_product_is_two_products() -> None:
    shape = Shape(8, 16, 4)
    assert bits(SharedProduct(shape, 12), IKNP) == 2 * bits(Product(shape, 12, 12, Party.SERVER), IKNP)


def test_with_a_dealer_a_product_sends_what_another_program_was_seen_to_send() -> None:
    """SEMI2K of SecretFlow-SPU 0.9.5, whole numbers of 32 bits, 64 x 32 x 32: 12,288 bytes from each party."""
    product = SharedProduct(Shape(64, 32, 32), 32).traffic(DEALER)
    assert [transfer.bytes for transfer in product] == [12_288, 12_288]


def test_a_dealer_makes_every_protocol_cheaper() -> None:
    product = Product(Shape(8, 16, 4), 4, 12, Party.SERVER)
    assert bits(product, DEALER) == 12 * (8 * 16 + 2 * 16 * 4)
    for protocol in (product, Relu(MANY, 9), Truncation(MANY, 12, 5, 6)):
        assert bits(protocol, DEALER) < bits(protocol, SILENT)


def test_a_comparison_counts_its_digits_and_its_tree() -> None:
    """9 bits: digits of 4, 4 and 1; a first join without "equal", then one more."""
    assert digit_widths(9) == (4, 4, 1)
    leaves = 3 * 256 + 16 * 1 + 16 * 2 + 2 * 2
    tree = 2 * (256 + 4)
    assert bits(Carry(MANY, 9), IKNP) == MANY * (leaves + tree)


@pytest.mark.parametrize("width", [8, 16, 24, 32])
def test_a_relu_stays_below_the_bound_of_cryptflow2(width: int) -> None:
    """(lambda + 14) l for the sign, whose top bit is in fact free, and 2 (lambda + l) for the product."""
    bound = (128 + 14) * width + 2 * (128 + width)
    assert 0.75 * bound < bits(Relu(MANY, width), IKNP) / MANY < bound


def test_a_known_sign_costs_one_transfer() -> None:
    known = Extension(MANY, 6, 14, Sign.NON_NEGATIVE)
    assert bits(known, IKNP) == MANY * (128 + 8)
    assert bits(replace(known, sign=Sign.SIGNED), IKNP) == bits(known, IKNP) + bits(Carry(MANY, 6), IKNP)


def test_what_needs_no_message_sends_none() -> None:
    assert Extension(MANY, 14, 6, Sign.SIGNED).traffic(IKNP) == ()
    assert Truncation(MANY, 14, 0, 14).traffic(IKNP) == ()
    assert Carry(MANY, 0).traffic(IKNP) == ()


def test_a_truncation_is_a_carry_and_a_bit_that_becomes_a_number() -> None:
    parts = bits(Carry(MANY, 5), IKNP) + bits(BitToNumber(MANY, 6), IKNP)
    assert bits(Truncation(MANY, 12, 5, 6), IKNP) == parts


@given(st.integers(1, 40))
def test_a_knock_out_has_one_pair_less_than_elements(window: int) -> None:
    assert sum(pairings(window)) == window - 1
    assert bits(MaximumPool(8, window, 5), IKNP) == (window - 1) * bits(Relu(8, 5), IKNP)


def test_frames_count_on_the_socket() -> None:
    product = Product(Shape(8, 16, 4), 4, 12, Party.SERVER)
    assert socket_bytes(product, IKNP) == bits(product, IKNP) // 8 + 2 * FRAME_BYTES


def test_trips_wait_for_the_other_side_only() -> None:
    server, client = Transfer(Party.SERVER, 1), Transfer(Party.CLIENT, 1)
    assert one_way_trips([client, server, server, client]) == 3
    assert one_way_trips([client, server], after=Party.CLIENT) == 1
    assert rounds(Relu(MANY, 5), IKNP) == 2.5


@given(st.integers(2, 20), st.integers(1, 2000))
def test_silent_transfers_send_less(width: int, elements: int) -> None:
    assert bits(Relu(elements, width), SILENT) < bits(Relu(elements, width), IKNP)


def test_a_ring_beyond_the_words_is_refused() -> None:
    with pytest.raises(AhasdError, match=r"ring of 64 bits does not fit shares of 63 bits; take narrower"):
        Product(Shape(1, 1, 1), 8, 64, Party.SERVER)
    with pytest.raises(AhasdError, match="weights of 9 bits do not fit a ring of 8"):
        Product(Shape(1, 1, 1), 9, 8, Party.SERVER)
    with pytest.raises(AhasdError, match="a product has no"):
        Shape(0, 1, 1)
