"""The GPUs of the table of known devices, as the simulator can run them."""

import re
from functools import cache

from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.measured.devices.known_device import KnownDevice, known_devices
from ahasd.hardware.preset.owned.owned_processor import Group, OwnedGpu

#: Kinds of devices that have a GPU that runs models; the others are NPUs and CPUs (``processors.csv``), or memory.
_GROUP: dict[str, Group] = {
    "phone": "phones",
    "mac": "Macs",
    "laptop": "laptops",
    "laptop gpu": "laptops",
    "edge": "boards",
    "gpu": "PCs",
}

#: Cards that stand in servers and workstations.
_SERVERS = (
    r"^(a100|h100|h200|b200|l4|l40|a10|a40|t4|tesla|instinct|rtx a6000|rtx 6000|rtx pro|radeon ai pro)\b"
)

#: Cards with HBM, whose wide memories keep fewer cores busier: a smaller share is reached.
_HBM = r"^(a100|h100|h200|b200|tesla p100|tesla v100|instinct|cmp|radeon vii)\b"

#: Makers by the words of a name.
_MAKERS = (
    (r"^apple", "Apple"),
    (r"radeon|ryzen|instinct", "AMD"),
    (r"arc|core ultra", "Intel"),
    (r"snapdragon|dimensity|tensor g|exynos", "phone"),
)

#: Words that a preset's name leaves out.
_LEFT_OUT = r"\b(nvidia|amd|intel|qualcomm|google|mediatek|samsung)\b"


@cache
def owned_gpus() -> tuple[OwnedGpu, ...]:
    """Those with a bandwidth, peak or reached, in the order of the table."""
    return tuple(
        _gpu(device, peak)
        for device in known_devices()
        if device.kind in _GROUP and (peak := device.peak_bandwidth) is not None
    )


def preset_name(title: str) -> str:
    """The name of a device's preset: its words, with the count of cores that tells variants apart.

    Examples
    --------
    >>> preset_name("Apple M3 Max (40-core GPU)"), preset_name("AMD Ryzen AI Max+ 395 (Radeon 8060S)")
    ('apple-m3-max-40-core', 'ryzen-ai-max-395')
    """
    text = title.lower()
    cores = re.search(r"([\d/]+)-core", text)
    outside = re.sub(r"\(.*?\)", "", re.sub(_LEFT_OUT, "", text))
    words = re.findall(r"[a-z0-9]+", outside) + ([cores[1].replace("/", "-"), "core"] if cores else [])
    return "-".join(words)


def _gpu(device: KnownDevice, peak: float) -> OwnedGpu:
    text = device.name.lower()
    maker = next((maker for pattern, maker in _MAKERS if re.search(pattern, text)), "NVIDIA")
    group = _GROUP[device.kind]
    discrete = device.kind in ("gpu", "laptop gpu")
    if discrete and re.search(_HBM, text):
        memory = "cards with HBM"
    elif discrete:
        memory = "NVIDIA cards" if maker == "NVIDIA" else "AMD and Intel cards"
    else:
        memory = "Apple GPUs" if maker == "Apple" else "GPUs on LPDDR"
    return OwnedGpu(
        name=preset_name(device.name),
        title=device.name,
        kind="GPU",
        group="servers" if device.kind == "gpu" and re.search(_SERVERS, text) else group,
        device=device.name,
        peak=peak,
        known=device,
        backend=_backend(maker, text),
        discrete=discrete,
        memory_family=memory,
        arithmetic_family={"Apple": "Apple GPUs", "NVIDIA": "NVIDIA GPUs", "AMD": "AMD GPUs"}.get(
            maker, "GPUs on LPDDR" if not discrete else "Intel GPUs"
        ),
    )


def _backend(maker: str, text: str) -> Backend:
    """The program that the speeds were published of; HIP builds have the CUDA kernels."""
    if maker == "Apple":
        return "llama.cpp-metal"
    return "llama.cpp-cuda" if maker == "NVIDIA" or "instinct" in text else "llama.cpp-vulkan"
