"""docs/private-inference.md says what the code says; else run scripts/update_private_doc.py, or mend its prose."""

from dataclasses import replace
from pathlib import Path

import pytest

from ahasd.private_inference.network.plan import plan
from ahasd.private_inference.network.rules import PRIVQUANT, SIRNN
from ahasd.private_inference.network.widths import read_widths
from ahasd.private_inference.network.zoo import network_named
from ahasd.private_inference.protocols.oblivious_transfer import SILENT
from ahasd.private_inference.running.shipped import accuracies
from ahasd.report.private.frontier import frontier_tables

PAGE = (Path(__file__).parent.parent / "docs" / "private-inference.md").read_text(encoding="utf-8")
PROSE = " ".join(PAGE.split())


def sent(network, widths, rules):
    found = network_named(network)
    return plan(found, read_widths(widths, len(found.layers)), rules)


@pytest.mark.parametrize("table", frontier_tables(), ids=lambda table: table.title)
def test_its_factors_are_those_of_the_formulas(table) -> None:
    assert table.markdown(aligned=True) in PAGE


def test_its_accuracies_are_those_that_were_measured() -> None:
    shares = {each.way: f"{each.share * 100:.1f} %" for each in accuracies(network_named("glyph"))}
    assert f"float: {shares['float']}" in PROSE
    for budget in ("w2a2", "w3a3", "w4a4"):
        row = " | ".join(shares[f"{budget} {way}"] for way in ("uniform", "greedy", "mixed"))
        assert f"| {budget.upper()} (" in PAGE
        assert f"| {row} |" in PAGE


def test_its_other_figures_are_those_of_plans() -> None:
    whole = sent("resnet50-imagenet", "w4a4", PRIVQUANT)
    narrow = sent("resnet50-imagenet", "w2a2", PRIVQUANT)
    assert f"{whole.bytes / 1e9:.1f} GB at W4A4 and {narrow.bytes / 1e9:.1f} GB at W2A2" in PROSE
    products = sum(
        part.bytes for layer in whole.layers for part in layer.operations if part.name == "multiply"
    )
    assert 0.85 < products / whole.bytes < 0.95  # "nine tenths"
    saved = [
        1 - sent("resnet32-cifar", widths, PRIVQUANT).bytes / sent("resnet32-cifar", widths, SIRNN).bytes
        for widths in ("w16a16", "w4a4")
    ]
    assert f"save {saved[0] * 100:.0f} % (W16A16) to {saved[1] * 100:.0f} % (W4A4)" in PROSE
    silent = [
        sent("resnet32-cifar", widths, replace(rules, transfer=SILENT)).bytes
        for widths, rules in (("w16a16", SIRNN), ("w2a4", PRIVQUANT))
    ]
    assert f"W2A4 gives {silent[0] / silent[1]:.1f} instead of" in PROSE
