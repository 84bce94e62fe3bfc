"""How long the parts of private inference take here: a plan, an optimum, and a real run by image."""

import argparse
import time
from collections.abc import Callable

import numpy as np

from ahasd.private_inference.network.plan import plan
from ahasd.private_inference.network.rules import PRIVQUANT
from ahasd.private_inference.network.widths import read_widths
from ahasd.private_inference.network.zoo import network_named
from ahasd.private_inference.precision.budget import equal_budgets
from ahasd.private_inference.precision.choices import problem
from ahasd.private_inference.precision.exact import optimise
from ahasd.private_inference.precision.sensitivity import equal_sensitivity
from ahasd.private_inference.running.both import run_both
from ahasd.private_inference.running.glyph_images import glyph_images, quantised_images
from ahasd.private_inference.running.outcome import RunRequest
from ahasd.private_inference.running.shipped import TEST_SEED, shipped_network
from support.figures import Figure, show


def seconds(work: Callable[[], object]) -> float:
    """The best of three."""
    found = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        found.append(time.perf_counter() - start)
    return min(found)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batches", default="1,20", help="images at once, separated by commas")
    batches = [int(part) for part in parser.parse_args().batches.split(",")]
    network = network_named("resnet50-imagenet")
    widths = read_widths("w4a4", len(network.layers))
    random = np.random.default_rng(0)
    errors = [error * random.uniform(0.1, 10) for error in equal_sensitivity(network).errors()]
    tables = problem(network, PRIVQUANT, errors)
    budget = equal_budgets(tables)[2]
    figures = [
        Figure("plan of ResNet-50", seconds(lambda: plan(network, widths, PRIVQUANT)), "s", 0.5),
        Figure("tables of its layers", seconds(lambda: problem(network, PRIVQUANT, errors)), "s"),
        Figure("optimum of its layers", seconds(lambda: optimise(tables, budget)), "s", 2.0),
    ]
    trained = shipped_network("w4a4")
    for batch in batches:
        images = quantised_images(glyph_images(batch, TEST_SEED)[0], trained.public.widths[0].activations)
        request = RunRequest(trained.public, PRIVQUANT, batch, batch, timeout_s=60.0)
        client = run_both(request, trained, images).client
        figures.append(Figure(f"an image of the digits, {batch} at once", client.seconds / batch, "s", 10.0))
    show("Private inference", figures)


if __name__ == "__main__":
    main()
