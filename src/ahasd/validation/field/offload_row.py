"""What a row of the record of offloaded experts says of machine and placement."""

import re

from ahasd.errors import AhasdError
from ahasd.experts.mixture import Mixture
from ahasd.hardware.measured.devices.find_device import matching_devices
from ahasd.prediction.expert_plan.host_memory import host_peak
from ahasd.prediction.expert_plan.machine import HOST_SHARE, OffloadMachine
from ahasd.prediction.expert_plan.named_mixture import named_mixture
from ahasd.prediction.expert_plan.placements import Placement, on_host, streamed
from ahasd.prediction.from_figures.model_figures import model_figures
from ahasd.prediction.from_figures.platforms import platform_of
from ahasd.prediction.from_figures.setting import Setting
from ahasd.prediction.from_figures.target_alone import MEASURED_LAYERS, MIXTURE_OVERHEAD, step_figures
from ahasd.validation.field.words import figure
from ahasd.validation.table import Row

#: Thousands of tokens from which attention, which a plan leaves out, takes a share of a step that counts (ours).
_LONG = 32

#: All experts with the host.
_ALL = r"(?<![-\w])-?-?c(?:pu-)?moe\b|all experts CPU|^experts on CPU"


class NotSaidError(Exception):
    """A row lacks something; the text says what."""


def place_row(row: Row) -> Placement:
    """Predict a row.

    Raises
    ------
    NotSaidError
        It lacks what a prediction needs.
    """
    texts = row.texts
    if not texts["decode_tok_s"]:
        raise NotSaidError("no speed")
    context = re.search(r"ctx (\d+)k", texts["placement"])
    if context is not None and int(context[1]) >= _LONG:
        raise NotSaidError("a long context, whose attention is not planned for")
    try:
        stored = figure(row, "file_gb", 1e9)
        mixture = named_mixture(texts["model"].split(" (")[0], texts["quant"], stored)
    except AhasdError as error:
        raise NotSaidError("how many experts the model has, or how large it is, is not known here") from error
    placement, device = texts["placement"], texts["device_gpu"]
    if re.fullmatch(r"all (?:resident|in RAM)", placement):
        return on_host(mixture, _beside(row, mixture, None), 0)
    if placement == "CPU only":
        return on_host(mixture, _alone(_host(row)), 0)
    budget = re.search(r"RAM budget (\d+) MiB", placement)
    if budget is not None and (said := re.search(r"RAM about (\d+) GB/s measured", device)):
        storage = re.search(r"(\d+(?:\.\d+)?) GB/s direct", texts["ssd"])
        memory = _machine(
            device, 1 / (float(said[1]) * 1e9), 0.0, None, float(storage[1]) * 1e9 if storage else None
        )
        found = streamed(mixture, memory, int(budget[1]) * 2**20)
        if found is None:
            raise NotSaidError("how fast its storage is is not said")
        return found
    return on_host(mixture, _beside(row, mixture, _host(row)), _host_layers(placement, mixture))


def _host_layers(placement: str, mixture: Mixture) -> int:
    if "cache" in placement and "no cache" not in placement:
        raise NotSaidError("a cache, whose hit rate depends on the text")
    if said := re.search(r"n-cpu-moe (\d+)|(\d+) layers of experts on CPU", placement):
        return min(mixture.layers, int(said[1] or said[2]))
    if re.search(_ALL, placement):
        return mixture.layers
    raise NotSaidError("where its experts lie, or how often a cache holds them, is not said")


def _host(row: Row) -> float:
    peak = host_peak(row.texts["cpu"])
    if peak is None:
        raise NotSaidError("how fast the host's memory is is not said")
    return peak


def _alone(peak: float) -> OffloadMachine:
    """A processor without a device beside it."""
    return _machine("host", 1 / (peak * HOST_SHARE), 0.0, None, None)


def _beside(row: Row, mixture: Mixture, peak: float | None) -> OffloadMachine:
    """A device, or a typical one where none is named, and what lies beside it."""
    device = row.texts["device_gpu"]
    setting = Setting(
        matching_devices(device.replace("Ti-class", " Ti")),
        platform_of(device, row.texts["runtime"]),
        model_figures(mixture.name),
        "draft-model",
    )
    steps = step_figures(setting)
    return _machine(
        device, steps.seconds_per_byte, steps.fixed_s * MIXTURE_OVERHEAD / MEASURED_LAYERS, peak, None
    )


def _machine(
    title: str, seconds_per_byte: float, layer_s: float, peak: float | None, storage: float | None
) -> OffloadMachine:
    return OffloadMachine(title, seconds_per_byte, layer_s, 0.0, peak, True, None, storage)
