"""Networks and plans: sizes of the public networks, what fusion saves, and bytes that were computed elsewhere."""

import time
from dataclasses import replace

import pytest

from ahasd.errors import AhasdError, UnknownNameError
from ahasd.private_inference.network.chain_builder import ChainBuilder
from ahasd.private_inference.network.layer import Layer, Network
from ahasd.private_inference.network.link import LINKS, link_named
from ahasd.private_inference.network.plan import lower_network, plan
from ahasd.private_inference.network.rules import PRIVQUANT, SIRNN
from ahasd.private_inference.network.widths import Widths, read_widths, shortened
from ahasd.private_inference.network.zoo import network_named, network_names
from ahasd.private_inference.protocols.product import Shape
from ahasd.private_inference.protocols.transfer import one_way_trips

MEBIBYTE = 2**20


def planned(name, widths="w4a4", rules=PRIVQUANT):
    network = network_named(name)
    return plan(network, read_widths(widths, len(network.layers)), rules)


@pytest.mark.parametrize(
    ("name", "millions", "macs"),
    [
        # Weights without biases and norms, and multiplications, as the papers and torchvision count them.
        ("resnet18-imagenet", 11.68, 1.81e9),
        ("resnet50-imagenet", 25.50, 4.09e9),
        ("vgg16-imagenet", 138.34, 15.47e9),
        ("mobilenetv2-imagenet", 3.47, 0.30e9),
        ("resnet32-cifar", 0.470, 69e6),
        ("resnet18-cifar", 11.21, 555e6),
        ("bert-base", 108.97, 14.2e9),
    ],
)
def test_networks_have_their_published_size(name: str, millions: float, macs: float) -> None:
    network = network_named(name)
    assert network.weights / 1e6 == pytest.approx(millions, rel=0.005)
    assert sum(layer.shape.macs for layer in network.layers) == pytest.approx(macs, rel=0.01)


@pytest.mark.parametrize(
    ("widths", "mebibytes"), [("w16a16", 4816), ("w8a8", 1653), ("w4a4", 662), ("w2a4", 353)]
)
def test_resnet32_sends_what_an_independent_count_says(widths: str, mebibytes: float) -> None:
    """A count of its convolutions by EzPC's formulas, made apart from this code."""
    assert planned("resnet32-cifar", widths).bytes / MEBIBYTE == pytest.approx(mebibytes, rel=0.05)


@pytest.mark.parametrize("name", network_names())
def test_each_fusion_saves_bytes_and_none_costs(name: str) -> None:
    every = planned(name).bytes
    for part in ("skip_extension", "known_sign", "reuse_extension"):
        assert planned(name, rules=replace(PRIVQUANT, **{part: False})).bytes >= every
    assert planned(name, rules=SIRNN).bytes > every
    for receiver in ("server", "client"):
        assert planned(name, rules=replace(PRIVQUANT, receiver=receiver)).bytes >= every


def test_the_parts_of_a_plan_add_up() -> None:
    found = planned("resnet18-cifar")
    traffic = [
        transfer
        for layer in found.layers
        for _, protocol in layer.lowered.operations
        for transfer in protocol.traffic(PRIVQUANT.transfer)
    ]
    assert found.bytes == sum(layer.bytes for layer in found.layers)
    assert found.trips == one_way_trips(traffic)
    link = LINKS["wan"]
    assert found.seconds(link) == pytest.approx(found.bytes / 40e6 + found.trips / 2 * 0.080)


def test_a_narrow_requantisation_needs_only_a_narrow_ring() -> None:
    network = network_named("glyph")
    widths = read_widths("w4a4", len(network.layers))
    wide = lower_network(network, widths, PRIVQUANT)
    narrow = lower_network(network, widths, PRIVQUANT, [max(0, each.shift - 2) for each in wide])
    assert [each.ring_bits for each in narrow[:-1]] == [each.ring_bits - 2 for each in wide[:-1]]


def test_a_product_of_the_clients_own_input_takes_no_extension() -> None:
    names = [name for name, _ in planned("glyph").layers[0].lowered.operations]
    assert "extend" not in names
    assert names[0] == "multiply"


def test_the_sum_is_known_not_to_be_negative_only_after_a_relu() -> None:
    block = planned("transformer-block")
    signs = {layer.name: dict(layer.lowered.operations)["extend"].sign for layer in block.layers[1:]}
    assert signs["block.down"] == "non-negative"  # reads a ReLU
    assert signs["block.up"] == "signed"  # reads a sum


def test_a_batch_sends_less_for_each_image() -> None:
    network = network_named("glyph")
    widths = read_widths("w4a4", len(network.layers))
    one, many = (plan(network.batched(count), widths, PRIVQUANT).bytes for count in (1, 16))
    assert many < 16 * one


def test_resnet50_is_planned_in_half_a_second() -> None:
    network_named("resnet50-imagenet")
    planned("glyph")
    start = time.process_time()
    planned("resnet50-imagenet")
    assert time.process_time() - start < 0.5


def test_names_widths_and_links_from_outside() -> None:
    assert shortened(read_widths("W4A6", 3)) == "W4A6"
    assert read_widths("w2a3,w4a5", 2) == (Widths(2, 3), Widths(4, 5))
    assert link_named("100:20").seconds(100_000_000, 4) == pytest.approx(1.04)
    for text, layers, message in (
        ("w1a4", 1, "weights of 1 bits: widths go from 2 to 32"),
        ("w4", 1, "not written as w4a6"),
        ("wa4", 1, "not written as w4a6"),
        ("w4a4,w4a4", 3, "gives 2 layers; the network has 3"),
        ("w4a99999", 1, "go from 2 to 32 bits"),
        ("w4a33", 1, "activations of 33 bits"),
    ):
        with pytest.raises(AhasdError, match=message):
            read_widths(text, layers)
    with pytest.raises(UnknownNameError, match="Did you mean 'resnet50-imagenet'"):
        network_named("resnet50-imagnet")
    for text in ("dsl", "0:1", "nan:1", "1:-1", "1:inf"):
        with pytest.raises(AhasdError):
            link_named(text)


def test_widths_beyond_the_ring_name_the_layer() -> None:
    with pytest.raises(AhasdError, match=r"vgg16-imagenet, 1\.1, W32A32: a product in a ring of"):
        planned("vgg16-imagenet", "w32a32")


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(AhasdError, match="does not fit"):
        ChainBuilder(1, 1).convolution("first", 8, pool=_too_large())
    layer = Layer("only", Shape(1, 1, 1), 1, adds_kept=True)
    with pytest.raises(AhasdError, match="none was kept"):
        Network("odd", "odd", (layer,))
    with pytest.raises(AhasdError, match="5 layers, and 1 widths"):
        plan(network_named("glyph"), [Widths(4, 4)], PRIVQUANT)


def test_a_projection_reads_the_kept_value_at_its_width() -> None:
    network = network_named("resnet18-cifar")
    widths = list(read_widths("w4a4", len(network.layers)))
    place = next(at for at, layer in enumerate(network.layers) if layer.on_kept)
    widths[place] = Widths(4, 6)
    with pytest.raises(AhasdError, match="reads the kept value of 4 bits, and its activations are given 6"):
        plan(network, widths, PRIVQUANT)


def _too_large():
    from ahasd.workload.blocks.convolution import Window

    return Window((2, 2), 2)
