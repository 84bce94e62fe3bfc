"""The file that the page on measuring shows is one."""

import re
from pathlib import Path

from ahasd.hardware.measured.device_file import given_device
from ahasd.yaml_text import parse_yaml

PAGE = Path(__file__).parents[3] / "docs" / "measure.md"


def test_the_file_of_the_page_is_a_measured_device() -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    device = given_device(parse_yaml(text, "the page"), "the page")
    assert device.models[0].widths == (1, 8)
    assert device.acceptances[0].rounds == 74
