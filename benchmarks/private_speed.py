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

#: Seconds that each may take.
LIMITS = {"plan of ResNet-50": 0.5, "optimum of ResNet-50": 2.0, "image of the digits": 10.0}


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
    parser.add_argument("--batches", default="1,20,100", help="images at once, separated by commas")
    batches = [int(part) for part in parser.parse_args().batches.split(",")]
    network = network_named("resnet50-imagenet")
    widths = read_widths("w4a4", len(network.layers))
    print(f"plan of ResNet-50 {seconds(lambda: plan(network, widths, PRIVQUANT)):.3f} s")
    random = np.random.default_rng(0)
    errors = [error * random.uniform(0.1, 10) for error in equal_sensitivity(network).errors()]
    start = time.perf_counter()
    tables = problem(network, PRIVQUANT, errors)
    print(f"tables of its {len(network.layers)} layers {time.perf_counter() - start:.3f} s")
    budget = equal_budgets(tables)[2]
    print(f"optimum of ResNet-50 {seconds(lambda: optimise(tables, budget)):.3f} s")
    trained = shipped_network("w4a4")
    for batch in batches:
        images = quantised_images(glyph_images(batch, TEST_SEED)[0], trained.public.widths[0].activations)
        request = RunRequest(trained.public, PRIVQUANT, batch, batch, timeout_s=60.0)
        client = run_both(request, trained, images).client
        print(f"image of the digits, {batch} at once, {client.seconds / batch:.3f} s")
    print("limits: " + ", ".join(f"{name} {limit:g} s" for name, limit in LIMITS.items()))


if __name__ == "__main__":
    main()
