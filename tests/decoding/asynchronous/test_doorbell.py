"""The bell between two processes."""

from multiprocessing import get_context

from ahasd.decoding.asynchronous.link.doorbell import Doorbell


def test_a_wait_says_whether_it_rang_and_rings_count_once() -> None:
    bell = Doorbell(get_context("spawn"))
    assert not bell.wait(0.001)
    bell.ring()
    bell.ring()
    assert bell.wait(0.001)
    assert not bell.wait(0.001)
