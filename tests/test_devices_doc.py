"""The page about devices that people own says what the presets come to."""

import re
from pathlib import Path
from statistics import fmean, median

from ahasd.hardware.preset.owned.owned_presets import owned_processors
from ahasd.hardware.preset.owned.usual_shares import usual_reached, usual_share
from ahasd.validation.field.device_presets import DeviceModels, RunsAlone

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "devices.md").read_text(encoding="utf-8").replace("\n", " ")
FIELD = ROOT / "tests" / "reference" / "field"


def test_the_count_is_that_of_the_presets() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for text in (PAGE, readme):
        assert set(re.findall(r"(\d+) (?:processors of|devices that people|GPUs, NPUs)", text)) == {
            str(len(owned_processors()))
        }


def test_shares_are_those_of_the_table() -> None:
    for family, name in (
        ("Apple GPUs", "Apple GPUs"),
        ("NVIDIA cards", "NVIDIA cards"),
        ("cards with HBM", "cards with HBM"),
        ("GPUs on LPDDR", "GPUs on LPDDR"),
        ("AMD and Intel cards", "cards of AMD and Intel"),
    ):
        assert f"{usual_reached(family)[0].devices} {name}" in PAGE
    assert f"{usual_share('CPU').devices} CPUs, {usual_share('NPU').devices} NPUs" in PAGE
    shares = [
        reached / each.peak
        for each in owned_processors()
        if each.kind == "NPU" and (reached := getattr(each, "reached", None))
    ]
    text = f"reach {min(shares):.2f} to {max(shares):.2f} of their memory, {median(shares):.2f} in the median"
    assert text in PAGE
    assert f"on the same memory {usual_reached('GPUs on LPDDR')[0].value:.2f}" in PAGE


def test_errors_are_those_of_the_comparison() -> None:
    for reference, name in ((DeviceModels(), "device_models.csv"), (RunsAlone(), "speculation.csv")):
        report = reference.compare(FIELD / name)
        assert report is not None
        errors = [abs(row.error) for row in report.comparisons]
        assert re.search(rf"\b{len(errors)} (speeds of other models|models on devices)", PAGE)
        assert re.search(rf"within {median(errors):.0%}".replace("%", " %"), PAGE), median(errors)
        assert f"the mean is {fmean(errors):.0%}".replace("%", " %") in PAGE, fmean(errors)
