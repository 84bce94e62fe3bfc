"""Drawn memories and streams: small, so that a few hundred requests fill every queue and change every row."""

from dataclasses import replace

from hypothesis import strategies as st

from ahasd.hardware.dram.organisation import ChannelOrganisation
from ahasd.hardware.dram.streams.stream import RequestStream
from ahasd.hardware.dram.timings import load_timing_set

HBM2 = load_timing_set("hbm2").timing
LPDDR5 = load_timing_set("lpddr5-6400-8gb").timing

TIMINGS = st.builds(
    replace,
    st.sampled_from([HBM2, LPDDR5]),
    RL=st.integers(8, 24),
    WL=st.integers(2, 8),
    BL=st.sampled_from([4, 16]),
    tCCDS=st.integers(1, 3),
    tCCDL=st.integers(2, 6),
    tRCDRD=st.integers(4, 20),
    tRCDWR=st.integers(4, 20),
    tRP=st.integers(4, 20),
    tRAS=st.integers(10, 40),
    tRC=st.integers(10, 60),
    tRRDS=st.integers(1, 6),
    tRRDL=st.integers(2, 10),
    tRTPL=st.integers(2, 10),
    tWR=st.integers(4, 30),
    tWTRS=st.integers(1, 6),
    tWTRL=st.integers(1, 12),
    tRTRS=st.integers(0, 3),
    tFAW=st.integers(0, 50),
    tREFI=st.integers(400, 900),
    tRFC=st.integers(60, 120),
    tREFIpb=st.sampled_from([0, 200]),
    tRFCpb=st.sampled_from([0, 30]),
    tPPD=st.integers(0, 3),
    tPBR2PBR=st.integers(0, 60),
    tPBR2ACT=st.integers(0, 8),
    burst_cycles_long=st.sampled_from([0, 6]),
    command_cycles=st.sampled_from([1, 1, 2]),
)
ORGANISATIONS = st.builds(
    ChannelOrganisation,
    bank_groups=st.sampled_from([1, 2, 4]),
    banks_per_group=st.sampled_from([1, 2, 3]),
    groups_fastest=st.booleans(),
    read_queue=st.sampled_from([2, 5, 12]),
    write_queue=st.sampled_from([2, 5, 12]),
    write_low=st.sampled_from([0.1, 0.2, 0.4]),
    write_high=st.sampled_from([0.5, 0.8]),
    requests_per_cycle=st.sampled_from([1, 2]),
    precharge_after_burst=st.booleans(),
    ranks=st.sampled_from([1, 2]),
    report_cycles=st.sampled_from([0, 3]),
)
STREAMS = st.builds(
    RequestStream,
    requests=st.integers(1, 250),
    read_share=st.sampled_from([0.0, 0.3, 0.6, 0.9, 1.0]),
    bursts_per_row_visit=st.sampled_from([1, 2, 3, 8]),
    staggered=st.booleans(),
)
