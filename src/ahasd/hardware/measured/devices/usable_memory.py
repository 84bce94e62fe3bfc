"""How much of a device's memory weights and caches may take."""

from dataclasses import dataclass

from ahasd.hardware.measured.devices.known_device import GIGA, KnownDevice

#: Apple's chips: what Metal recommends as the largest working set, over all memory, by the gigabytes from which it
#: holds. 10,922.67 of 16,384 MB and 21,845.34 of 32,768 MB (abetlen/llama-cpp-python#687, ollama/ollama#434; a newer
#: system says 11.84 of 16 GB, AlexsJones/llmfit#754), 49,152 of 65,536 MB (ggml-org/llama.cpp#1870), 107.52 of
#: 128 GiB (antirez/ds4#893). `iogpu.wired_limit_mb` raises it.
_APPLE: tuple[tuple[float, float], ...] = ((100, 0.84), (40, 0.75), (0, 0.667))

#: An iPhone's app with the entitlement for more memory: 6 of 8 GB (introlab/rtabmap#1446), 4.2 of 6 GB
#: (a-ghorbani/pocketpal-ai#651). An Android phone: 4 of 8 GB were free (pytorch/executorch#3599).
_IPHONE, _ANDROID = 0.7, 0.5

#: Boards of the Jetson kind: 5.2 of 8 GB (the package's table). Single boards and laptops, whose graphics share the
#: memory with the system: the same (ours).
_SHARED = 0.65

#: Cards, whose memory is their own: all but what the driver keeps (ours).
_OWN = 0.98

#: Memory is sold in 2^30 bytes under the name of 10^9.
_TRUE_SIZE = 2**30 / GIGA


@dataclass(frozen=True, slots=True)
class UsableMemory:
    """Bytes that a device of so much memory leaves to a model.

    Attributes
    ----------
    sold
        Memory as it is called, in units of 10^9 bytes.
    usable
        Of these.
    why
        What the rest is for; "" where the device has memory of its own, which is all but a little.
    """

    sold: float
    usable: float
    why: str


def usable_memory(device: KnownDevice, sold: float) -> UsableMemory:
    """What a device leaves to a model when it is sold with so many bytes."""
    share, why = _share(device, sold / GIGA)
    return UsableMemory(sold, share * sold * _TRUE_SIZE, why)


def _share(device: KnownDevice, gigabytes: float) -> tuple[float, str]:
    if device.kind == "mac":
        share = next(share for least, share in _APPLE if gigabytes >= least)
        return share, "Metal's default limit; iogpu.wired_limit_mb raises it"
    if device.kind == "phone":
        if device.name.startswith("Apple"):
            return _IPHONE, "what iOS leaves to an app that may ask for more memory"
        return _ANDROID, "what Android leaves free"
    if device.kind in ("laptop", "edge", "sbc"):
        return _SHARED, "the system has the rest"
    return _OWN, ""
