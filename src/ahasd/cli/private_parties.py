"""What `ahasd private run` does as both parties, and as one."""

from pathlib import Path
from typing import NamedTuple

from ahasd.private_inference.running.outcome import RunOutcome, RunRequest
from ahasd.private_inference.running.quantised import QuantisedNetwork
from ahasd.report.private.run import Check


class Meeting(NamedTuple):
    """Which party this is, and how it meets the other."""

    party: int
    address: str
    key: Path
    remote: bool
    wait_s: float


def run_here(request: RunRequest, network: QuantisedNetwork) -> tuple[RunOutcome, Check]:
    """Run both parties and compare the output with the plaintext network's."""
    import numpy as np

    from ahasd.private_inference.running.both import run_both
    from ahasd.private_inference.running.glyph_images import glyph_images, quantised_images
    from ahasd.private_inference.running.shipped import TEST_SEED
    from ahasd.private_inference.running.wiring import glyph_wirings

    drawn, digits = glyph_images(request.images, TEST_SEED)
    images = quantised_images(drawn, request.public.widths[0].activations)
    outcome = run_both(request, network, images).client
    assert outcome.sums is not None
    expected = network.outputs(images, glyph_wirings(request.images))
    equal = int((outcome.sums == expected).all(axis=0).sum())
    correct = int(np.sum(outcome.sums.argmax(axis=0) == digits))
    return outcome, Check(equal, request.images, correct)


def run_alone(meeting: Meeting, request: RunRequest, network: QuantisedNetwork) -> RunOutcome:
    """Run one party; the client takes no more of the network than its shapes, widths and shifts."""
    from ahasd.private_inference.running.addresses import accept, connect, listen, read_address, read_key
    from ahasd.private_inference.running.channel import Channel
    from ahasd.private_inference.running.glyph_images import glyph_images, quantised_images
    from ahasd.private_inference.running.party import run_client, run_server
    from ahasd.private_inference.running.shipped import TEST_SEED

    address, key = read_address(meeting.address, meeting.remote), read_key(meeting.key)
    if meeting.party == 0:
        connection = accept(listen(address), meeting.wait_s)
        with Channel(connection, request.timeout_s, request.link) as channel:
            return run_server(channel, key, request, network)
    drawn, _ = glyph_images(request.images, TEST_SEED)
    images = quantised_images(drawn, request.public.widths[0].activations)
    with Channel(connect(address, min(request.timeout_s, 5.0)), request.timeout_s, request.link) as channel:
        return run_client(channel, key, request, images)
