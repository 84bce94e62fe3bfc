"""Sizes that cannot be built are refused, and the message names them."""

import re

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.rtl.parameters import HardwareParameters, parameters_from_settings


def test_defaults_are_the_published_sizes():
    parameters = HardwareParameters()
    assert parameters.edc.index_bits == 9
    assert (parameters.edc.history, parameters.tvc.samples, parameters.lanes, parameters.ranks) == (
        8,
        4,
        16,
        16,
    )


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("lanes=6", "lanes is 6; the hardware needs a power of two"),
        ("queues.feedback=33", "queues.feedback is 33; the hardware needs a power of two"),
        ("queues.feedback=0", "must be above 0"),
        ("edc.history=6", "half of edc.history is 3"),
        ("edc.history=0", "must be at least 2"),
        ("tvc.samples=0", "must be above 0"),
        ("edc.arithmetic=float", "computes in fixed point"),
        ("tvc.latency_model=affine", "no affine latency_model"),
        ("edc.ageing=5", "has no ageing"),
        ("edc.trained_index=recomputed", "trains the carried index"),
        ("edc.entropy_maximum=17", "which no word of"),
        ("settle_cycles=0", "must be at least 1"),
        ("tvc.samples=65", "tvc.samples is 65; the hardware is built for at most 64"),
        ("queues.feedback=2048", "queues.feedback is 2048; the hardware is built for at most 1024"),
        (
            "edc.bucket_bits=6",
            "the index of EDC's counters, in bits, is 15; the hardware is built for at most 14",
        ),
        ("lanes=many", "must be a whole number"),
    ],
)
def test_what_cannot_be_built_is_named(setting, message):
    with pytest.raises(AhasdError, match=re.escape(message)):
        parameters_from_settings([setting])


def test_an_unknown_size_is_named_with_a_suggestion():
    with pytest.raises(UnknownNameError, match=r"Did you mean 'edc\.history'"):
        parameters_from_settings(["edc.histories=8"])
