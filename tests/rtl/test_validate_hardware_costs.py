"""The wrapper's exit status follows from the computed overhead, which it always prints."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from ahasd.rtl.synthesis import cost, workload
from ahasd.rtl.synthesis.power import Power
from ahasd.rtl.synthesis.published import BLOCKS
from ahasd.rtl.synthesis.synthesis import SynthesizedModule
from ahasd.rtl.synthesis.workload import ControllerWorkload

SCRIPT = Path(__file__).parents[2] / "scripts" / "validate_hardware_costs.py"


@pytest.fixture
def overhead(monkeypatch, capsys):
    """Run the wrapper for modules of so many µm² each on a die."""
    spec = importlib.util.spec_from_file_location("validate_hardware_costs", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    power = Power(10.0, 1e-9, 1e-8, 0.02, 0.02, 0.01, 0.1)
    monkeypatch.setattr(cost, "estimate_power", lambda *_: power)
    monkeypatch.setattr(workload, "controller_workload", lambda: ControllerWorkload(10.0, ()))

    def run(area_um2, *arguments):
        modules = tuple(
            SynthesizedModule(name, 1200, 100, 0, 1000, area_um2, area_um2, 1000.0)
            for names, _ in BLOCKS.values()
            for name in names
        )
        monkeypatch.setattr(cost, "synthesize_all", lambda parameters: modules)
        monkeypatch.setattr(sys, "argv", [SCRIPT.name, *arguments])
        return script.main(), capsys.readouterr().out

    return run


def test_the_computed_number_decides(overhead):
    # 9 + 16 · 18 = 297 modules of 0.2 mm² at 180 nm are 1.137 mm² by the main rule.
    code, out = overhead(2e5)
    assert (code, out.splitlines()[-1]) == (0, "below 3% in cells; NOT below 3% placed")
    assert "computed overhead: 2.27% of 50 mm2" in out
    code, out = overhead(2e5, "--die-mm2", "18")
    assert (code, out.splitlines()[-1]) == (1, "NOT below 3% in cells; NOT below 3% placed")
    assert "computed overhead: 6.32% of 18 mm2" in out


def test_what_cannot_be_computed_is_an_error_without_a_traceback():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--node", "22"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: no scaling data for 22 nm")
