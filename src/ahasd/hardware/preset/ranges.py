"""Ranges of constants, and why: far beyond any machine on both sides, but short of what no model of one survives.

They are ours: some orders of magnitude around the smallest and the largest part that is built. A field of this name
in any section has this range, beside the rule that the section states. 0, where a section allows it, means that there
is none and is always in range.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """From the least to the most that a machine has, both included, and why there is no more or less."""

    least: float
    most: float
    why: str

    def check(self, value: float) -> None:
        """See that a constant lies in the range.

        Raises
        ------
        ValueError
            It does not; the message says why not.
        """
        if value != 0 and not self.least <= value <= self.most:
            raise ValueError(f"{value:g} is outside {self.least:g} to {self.most:g}: {self.why}")


_COUNT = Range(1, 65_536, "no machine has more of them, and each is modelled")
_BYTES = Range(1, 2**24, "rows and sums of a bank have some kilobytes at most")
_CAPACITY_GIB = Range(1e-3, 1e6, "memories hold a mebibyte to a pebibyte")
_MEGABYTES = Range(1e-3, 1e6, "memories on a chip hold kilobytes to some gigabytes")
_GB_PER_SECOND = Range(
    1e-3, 1e15, "links and memories move a megabyte in a second at least; 1e15 costs no time"
)
_TERA = Range(1e-6, 1e15, "units do a million operations in a second at least; 1e15 costs no time")
_SHARE = Range(1e-3, 1, "a device that reaches less than a thousandth of its peak has another peak")
_MICROSECONDS = Range(1e-6, 1e6, "what is launched, sent or looked at takes a picosecond to a second")
_CYCLES = Range(1, 10**9, "a second of a fast clock")
_WATTS = Range(1e-6, 1e5, "devices draw microwatts to the power of a hall")
_MILLIWATTS = Range(1e-6, 1e7, "parts draw nanowatts to kilowatts")
_PICOJOULES = Range(1e-9, 1e6, "an operation or a bit takes far less than a microjoule")

#: Name of a field -> its range.
RANGES: dict[str, Range] = {
    "clock_ghz": Range(1e-3, 100, "chips run at megahertz to some gigahertz"),
    "channels": Range(1, 1024, "the largest machines have some hundred, and what each holds is tracked"),
    "ranks_per_channel": Range(1, 64, "a channel drives a few ranks, and what each holds is tracked"),
    "gmac_per_second": Range(
        1e-3, 1e15, "units multiply a million times in a second at least; 1e15 costs no time"
    ),
    "refresh_rate": Range(
        0.125, 8, "LPDDR5 asks for an eighth to eight times the refreshes of its standard (JESD209-5, MR4)"
    ),
    **dict.fromkeys(("chips", "array_rows", "array_columns", "bank_groups", "lanes"), _COUNT),
    **dict.fromkeys(("input_registers", "output_registers"), _COUNT),
    **dict.fromkeys(("accumulator_bytes", "row_bytes", "column_bytes"), _BYTES),
    **dict.fromkeys(("memory_gib", "reserved_gib", "rank_capacity_gib"), _CAPACITY_GIB),
    **dict.fromkeys(("scratchpad_mb", "accumulator_mb", "l2_mb"), _MEGABYTES),
    **dict.fromkeys(("gb_per_second", "pcie_gb_per_second", "channel_gb_per_second"), _GB_PER_SECOND),
    **dict.fromkeys(("vector_tops", "fp16_tflops", "int8_tops", "vector_tflops"), _TERA),
    **dict.fromkeys(("bandwidth_efficiency", "gemm_efficiency", "pcie_efficiency", "bus_efficiency"), _SHARE),
    **dict.fromkeys(("compute_efficiency", "array_efficiency"), _SHARE),
    "rate_at_16_bit": Range(
        1e-3, 1, "units that multiply 16 bits at all do so at some share of the rate of 8"
    ),
    "energy_at_16_bit": Range(1, 1000, "16 bits take the energy of 8 to some hundred times as much"),
    **dict.fromkeys(("launch_us", "graph_launch_us"), _MICROSECONDS),
    **dict.fromkeys(("queue_transfer_us", "polling_us", "decision_us"), _MICROSECONDS),
    **dict.fromkeys(("gate_switch_cycles", "latency_cycles"), _CYCLES),
    **dict.fromkeys(("idle_w", "limit_w", "power_cap_w"), _WATTS),
    **dict.fromkeys(
        ("npu_static_mw", "rank_power_down_mw", "rank_refresh_mw", "rank_active_mw"), _MILLIWATTS
    ),
    **dict.fromkeys(("offchip_pj_per_bit", "pim_array_pj_per_bit", "row_activation_pj"), _PICOJOULES),
    **dict.fromkeys(
        ("npu_mac_pj", "pim_mac_pj", "vector_operation_pj", "scratchpad_pj_per_byte"), _PICOJOULES
    ),
}
