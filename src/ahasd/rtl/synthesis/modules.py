"""The modules that are emitted and synthesised on their own."""

from amaranth.lib import wiring

from ahasd.rtl.aau.aau import Aau
from ahasd.rtl.parameters import HardwareParameters
from ahasd.rtl.top.controller import AhasdController


def top_modules(parameters: HardwareParameters) -> dict[str, wiring.Component]:
    """Return {module name: component}: what stands once in the system, and what stands in every rank."""
    return {"controller": AhasdController(parameters), "aau": Aau(parameters)}


#: What is reported on its own, by top module; the rest is counted with what holds it.
PARTS = {
    "controller": (
        "controller_edc",
        "controller_tvc",
        "controller_draft_queue",
        "controller_feedback_queue",
        "controller_preverification_queue",
        "controller_rank_gate",
        "controller_control_block",
        "controller_sample_latch",
    ),
    "aau": ("aau_lane", "aau_factor_unit"),
}
