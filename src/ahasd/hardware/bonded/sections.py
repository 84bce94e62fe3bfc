"""Parts of a bonded device besides its processing elements."""

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, PositiveInt


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Banks(_Section):
    """The memory.

    Parameters
    ----------
    channels, banks_per_channel
        A processing element lies under each bank.
    bank_mib
        Capacity of a bank.
    row_bytes
        Of a bank.
    append_ns
        What opening a row to write to it takes besides its bytes.
    channel_gb_s
        Rate of a channel to the central processor, 10^9 bytes/s.
    """

    channels: PositiveInt
    banks_per_channel: PositiveInt
    bank_mib: PositiveFloat
    row_bytes: PositiveInt
    append_ns: float = Field(ge=0)
    channel_gb_s: PositiveFloat


class Routers(_Section):
    """A mesh that joins the processing elements: a row for each channel, a column for each bank of it.

    Parameters
    ----------
    link_gb_s
        Rate of a link between two neighbours, in each direction.
    hop_ns
        From one to the next.
    ideal
        Whether links cost no time; their energy stays.
    """

    link_gb_s: PositiveFloat
    hop_ns: float = Field(ge=0)
    ideal: bool = False


class CentralProcessor(_Section):
    """The NPU beside the banks.

    Parameters
    ----------
    tera_macs_per_second, utilisation
        Peak, and the share of it that is reached.
    selection_g_per_second
        Scores that its top-k goes through, 10^9 in a second.
    """

    tera_macs_per_second: PositiveFloat
    utilisation: float = Field(gt=0, le=1)
    selection_g_per_second: PositiveFloat


class Energy(_Section):
    """Joules by what is done; each preset says where they are from.

    Parameters
    ----------
    bank_pj_per_bit
        From a bank's array to its processing element, or back.
    pe_mac_pj, npu_mac_pj
        A multiply-accumulate there.
    hop_pj_per_bit
        A link and its router.
    channel_pj_per_bit
        Between a channel and the central processor.
    selection_pj
        A score that the top-k goes through.
    static_w
        What all of it draws at all times.
    """

    bank_pj_per_bit: float = Field(ge=0)
    pe_mac_pj: float = Field(ge=0)
    npu_mac_pj: float = Field(ge=0)
    hop_pj_per_bit: float = Field(ge=0)
    channel_pj_per_bit: float = Field(ge=0)
    selection_pj: float = Field(ge=0)
    static_w: float = Field(ge=0)


class Area(_Section):
    """Square millimetres of the logic: of a vector unit, and of 1 MiB of buffers."""

    unit_mm2: PositiveFloat
    buffer_mm2_per_mib: PositiveFloat
