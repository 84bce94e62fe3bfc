"""Train the digits' network, choose widths for it, and write what `ahasd private run` ships.

With floats first; then, for each assignment of widths, on with rounded weights and activations. Takes some minutes
of one CPU::

    python scripts/train_glyph_network.py --output src/ahasd/private_inference/data
"""

import argparse
import copy
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from ahasd.private_inference.network.rules import PRIVQUANT
from ahasd.private_inference.network.widths import Widths, read_widths, shortened
from ahasd.private_inference.precision.choices import CHOICES, Problem, problem
from ahasd.private_inference.precision.exact import Assignment, assignment, optimise
from ahasd.private_inference.precision.sensitivity import Sensitivity
from ahasd.private_inference.precision.simple import greedy
from ahasd.private_inference.running.glyph_images import glyph_images, quantised_images
from ahasd.private_inference.running.quantised import PublicPart, QuantisedNetwork
from ahasd.private_inference.running.shipped import TEST_SEED, write_quantised
from ahasd.private_inference.running.wiring import glyph_wirings
from glyph.model import ADDING, NETWORK, GlyphNet, Quantiser, activation_scale, weight_scale
from glyph.sensitivity import measured_sensitivity

TRAIN_IMAGES, TEST_IMAGES, TRAIN_SEED = 20_000, 4_000, 1
BATCH = 128
FLOAT_EPOCHS, ROUNDED_EPOCHS = 25, 12
#: Weight of the penalty on activations out of range, and headroom over the largest activation seen.
PENALTY, HEADROOM = 3.0, 1.0


def train(model: GlyphNet, quantiser: Quantiser | None, epochs: int, rate: float) -> None:
    """Adam with a rate that falls to zero as a cosine."""
    images, digits = (torch.tensor(part) for part in glyph_images(TRAIN_IMAGES, TRAIN_SEED))
    images = images.float()
    steps = epochs * (TRAIN_IMAGES // BATCH)
    optimiser = torch.optim.Adam(model.parameters(), rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        chosen = torch.randint(0, TRAIN_IMAGES, (BATCH,))
        loss = functional.cross_entropy(model(images[chosen], quantiser), digits[chosen])
        if quantiser is not None:
            loss = loss + PENALTY * torch.stack(quantiser.overflow).sum()
            quantiser.overflow.clear()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()


def quantised(floating: GlyphNet, widths: tuple[Widths, ...]) -> QuantisedNetwork:
    """Train on with these widths, and read the whole numbers off."""
    model = copy.deepcopy(floating)
    images = torch.tensor(glyph_images(2_000, TRAIN_SEED)[0]).float()
    with torch.no_grad():
        read = model.activations(images)[:-1]
    weights = [
        weight_scale(layer.weight.detach(), width.weights)
        for layer, width in zip(model.layers, widths, strict=True)
    ]
    activations = [
        activation_scale(float(values.max()) * HEADROOM, width.activations)
        for values, width in zip(read, widths, strict=True)
    ]
    activations[0] = widths[0].activations  # pixels go from 0 to 1
    # No requantisation may shift up, nor may the kept value be shifted down.
    for place in range(len(widths) - 1):
        activations[place + 1] = min(activations[place + 1], weights[place] + activations[place])
    weights[ADDING] = max(weights[ADDING], activations[1] - activations[ADDING])
    quantiser = Quantiser(widths, weights, activations)
    train(model, quantiser, ROUNDED_EPOCHS, 2e-3)
    sums = [weight + activation for weight, activation in zip(weights, activations, strict=True)]
    shifts = [total - after for total, after in zip(sums, activations[1:], strict=False)] + [0]
    kept = [sums[place] - activations[1] if place == ADDING else 0 for place in range(len(sums))]
    with torch.no_grad():
        numbers = tuple(
            (quantiser.weight(place, layer.weight) * 2.0 ** weights[place])
            .round().to(torch.int64).flatten(1).numpy()
            for place, layer in enumerate(model.layers)
        )  # fmt: skip
        biases = tuple(
            (layer.bias * 2.0**total).round().to(torch.int64).numpy()
            for layer, total in zip(model.layers, sums, strict=True)
        )
    return QuantisedNetwork(PublicPart(NETWORK, widths, tuple(shifts), tuple(kept)), numbers, biases)


def accuracy(network: QuantisedNetwork) -> float:
    """Share of the test images that the network of whole numbers, wraps included, gets right."""
    images, digits = glyph_images(TEST_IMAGES, TEST_SEED)
    numbers = quantised_images(images, network.public.widths[0].activations)
    sums = network.outputs(numbers, glyph_wirings(TEST_IMAGES))
    return float(np.mean(sums.argmax(axis=0) == digits))


def candidates(found: Problem, widths: str) -> dict[str, Assignment]:
    """Equal widths, and greedy and exact choices of no more bytes."""
    place = CHOICES.index(read_widths(widths, 1)[0].weights)
    equal = assignment(found, [(place, place)] * len(NETWORK.layers))
    by_greed = greedy(found, equal.cost)
    assert by_greed is not None
    return {"uniform": equal, "greedy": by_greed, "mixed": optimise(found, equal.cost)}


def written(sensitivity: Sensitivity) -> dict[str, object]:
    """As a sensitivity file has it."""
    names = [layer.name for layer in NETWORK.layers]
    return {
        "source": sensitivity.source,
        "weights": dict(zip(names, sensitivity.weights, strict=True)),
        "activations": dict(zip(names, sensitivity.activations, strict=True)),
    }


def main() -> None:
    """Train, choose, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    output = parser.parse_args().output
    output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    floating = GlyphNet()
    train(floating, None, FLOAT_EPOCHS, 4e-3)
    images, digits = glyph_images(TEST_IMAGES, TEST_SEED)
    with torch.no_grad():
        scores = floating(torch.tensor(images).float()).argmax(1).numpy()
    rows: dict[str, object] = {"float": float(np.mean(scores == digits))}
    print("float", rows["float"], flush=True)
    seen, named = (torch.tensor(part) for part in glyph_images(1_000, TRAIN_SEED))
    sensitivity = measured_sensitivity(floating, seen.float(), named)
    (output / "glyph-sensitivity.json").write_text(json.dumps(written(sensitivity), indent=1) + "\n")
    found = problem(NETWORK, PRIVQUANT, sensitivity.errors())
    for budget in ("w2a2", "w3a3", "w4a4"):
        for way, chosen in candidates(found, budget).items():
            network = quantised(floating, chosen.widths)
            row = {
                "widths": shortened(chosen.widths),
                "bytes": int(chosen.cost),
                "predicted_rise": chosen.error,
                "accuracy": accuracy(network),
            }
            rows[f"{budget} {way}"] = row
            print(budget, way, row, flush=True)
            if budget == "w4a4" and way == "uniform":
                write_quantised(output / "glyph-w4a4.safetensors", network)
            if budget == "w3a3" and way == "mixed":
                write_quantised(output / "glyph-mixed.safetensors", network)
    (output / "glyph-accuracy.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
