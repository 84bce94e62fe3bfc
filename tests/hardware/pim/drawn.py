"""Drawn memories that compute: changes of HBM2's timing, machines, and paces."""

from dataclasses import replace

from hypothesis import strategies as st

from ahasd.hardware.pim.commands import HBM2_PIM, PimOptions

TIMINGS = st.fixed_dictionaries(
    {
        "RL": st.integers(14, 30),
        "WL": st.integers(4, 14),
        "tCCDS": st.integers(1, 3),
        "tCCDL": st.integers(2, 8),
        "tRCDRD": st.integers(6, 24),
        "tRCDWR": st.integers(5, 18),
        "tRP": st.integers(6, 24),
        "tRAS": st.integers(15, 60),
        "tRC": st.integers(25, 140),
        "tRRDS": st.integers(2, 8),
        "tRRDL": st.integers(3, 14),
        "tRTPL": st.integers(2, 14),
        "tWR": st.integers(8, 30),
        "tWTRL": st.integers(4, 16),
        "tRTRS": st.integers(1, 3),
        "tREFI": st.integers(900, 4000),
        "tRFC": st.integers(60, 400),
    }
)
GEOMETRIES = st.builds(
    replace,
    st.just(HBM2_PIM),
    channels=st.just(1),
    ranks=st.sampled_from([1, 2, 3]),
    blocks=st.sampled_from([8, 16]),
    columns_per_row=st.sampled_from([6, 16, 32, 64]),
    input_registers=st.sampled_from([2, 4, 8]),
    output_registers=st.sampled_from([3, 8]),
)
OPTIONS = st.builds(
    PimOptions, weight_reuse=st.sampled_from([1, 1, 3]), mac_cycles=st.sampled_from([0, 0, 2.5])
)
