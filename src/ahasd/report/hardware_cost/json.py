"""Area, delay and power of the controllers as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ahasd.rtl.synthesis.area import BlockCost
from ahasd.rtl.synthesis.cost import HardwareCost
from ahasd.rtl.synthesis.die_share import DieShare, die_shares
from ahasd.rtl.synthesis.power import CLOCK_180_J, METHOD, PIM_CLOCK_HZ, TOGGLE_180_J
from ahasd.rtl.synthesis.published import BLOCKS
from ahasd.rtl.synthesis.scaling import UTILISATION, UTILISATION_RANGE, energy_factor
from ahasd.rtl.synthesis.synthesis import SynthesizedModule
from ahasd.rtl.synthesis.timing import latencies, longest_paths

AREA_METHOD = (
    "cells synthesised by yosys in osu018 (180 nm), memories as flip-flops, times the first factor; range: the least "
    "factor, to the most over the least utilisation; no wires, clock trees, pads or test logic"
)


def cost_json(cost: HardwareCost, die_mm2: float) -> dict[str, Any]:
    """Lay the same figures out, unrounded."""
    shares = die_shares(cost, die_mm2)
    return {
        "node_nm": cost.scaling.node_nm,
        "area_method": AREA_METHOD,
        "area_factors": cost.scaling.rules,
        "utilisation": {"typical": UTILISATION, "range": list(UTILISATION_RANGE)},
        "area_mm2": cost.area_mm2,
        "range_mm2": list(cost.range_mm2),
        "one_aau_mm2": cost.one_aau_mm2,
        "share_of_die": {f"{share.die_mm2:g}": share.cells for share in shares},
        "dies": {f"{share.die_mm2:g}": _die_json(share) for share in shares},
        "blocks": {block.name: _block_json(block) for block in cost.blocks},
        "modules": synthesis_json(cost.modules),
        "latencies": {
            latency.name: {"cycles": latency.cycles, "seconds": latency.seconds}
            for latency in latencies(cost.parameters)
        },
        "timing": {
            "clock_hz": PIM_CLOCK_HZ,
            "slowest_module": cost.slowest.name,
            "longest_path_180_nm_s": cost.slowest.longest_path_ps * 1e-12,
            "longest_path_32_nm_s": {path.transistors: path.seconds for path in longest_paths(cost.slowest)},
        },
        "power": {
            "method": METHOD,
            "energy_per_toggle_180_nm_j": TOGGLE_180_J,
            "energy_per_clocked_flip_flop_180_nm_j": CLOCK_180_J,
            "energy_factor": energy_factor(),
            **asdict(cost.power),
        },
    }


def _die_json(share: DieShare) -> dict[str, Any]:
    return {
        "share": share.cells,
        "share_range": [share.lowest, share.highest],
        "share_placed": share.placed,
        "share_with_one_aau": share.one_aau,
        "published": share.published,
        "below_3_percent": {"cells": share.cells_below, "placed": share.placed_below},
    }


def _block_json(block: BlockCost) -> dict[str, Any]:
    paper, earlier = (
        (block.published.paper_mm2, block.published.earlier_mm2) if block.published else (None, None)
    )
    return {
        "modules": list(BLOCKS[block.name][0]),
        "instances": block.instances,
        "cells": block.cells,
        "flip_flops": block.flip_flops,
        "register_bits": block.register_bits,
        "memory_bits": block.memory_bits,
        "cells_180_um2": block.cells_180_um2,
        "area_mm2": block.area_mm2,
        "range_mm2": [block.lowest_mm2, block.highest_mm2],
        "with_macros_mm2": block.with_macros_mm2,
        "published_mm2": paper,
        "verdict": None if paper is None else block.verdict(paper),
        "earlier_mm2": earlier,
        "verdict_on_earlier": None if earlier is None else block.verdict(earlier),
    }


def synthesis_json(modules: Sequence[SynthesizedModule]) -> dict[str, Any]:
    """Figures by module."""
    return {
        module.name: {
            name: getattr(module, name) for name in SynthesizedModule.__dataclass_fields__ if name != "name"
        }
        for module in modules
    }
