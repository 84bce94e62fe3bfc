"""What llama.cpp's programs say of themselves on the way: models, backends, builds."""

import re
from pathlib import PurePosixPath, PureWindowsPath

from ahasd.hardware.gpu.width.backends import Backend
from ahasd.hardware.measured.importing.log_text import LogText

#: What the names of ggml's backends mean for kernels; ROCm's and MUSA's are those of CUDA. CPUs have none that were
#: measured.
_BACKENDS: tuple[tuple[str, Backend], ...] = (
    (r"\bcuda|\brocm|\bhip\b|\bmusa", "llama.cpp-cuda"),
    (r"\bmetal|\bmtl", "llama.cpp-metal"),
    (r"\bvulkan", "llama.cpp-vulkan"),
)

#: Lines by which backends announce themselves in a log.
_ANNOUNCED: tuple[tuple[str, Backend], ...] = (
    (r"^ggml_cuda_init: found [1-9]", "llama.cpp-cuda"),
    (r"^ggml_metal_(?:device_)?init:", "llama.cpp-metal"),
    (r"^ggml_vulkan: Found [1-9]", "llama.cpp-vulkan"),
)

_LOADED = re.compile(r"llama_model_loader: loaded meta data with .* from (\S.*?) \(version")
_SIZE = re.compile(r"(?:print_info: file size|llm_load_print_meta: model size) +(?:=|:) *([\d.]+) (MiB|GiB)")
_BUILD = re.compile(r"\bbuild(?::| =) *(\d+) \(([0-9a-f]{7,})\)|\bbuild: ([0-9a-f]{7,}) \((\d+)\)")
_UNITS = {"MiB": 2.0**20, "GiB": 2.0**30}


def stem(path: str) -> str:
    """Name of a model's file, without folder and ending."""
    name = PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name
    return name.removesuffix(".gguf")


def backend_named(text: str) -> Backend | None:
    """The kernels that the name of a backend means ("CUDA", "Metal,BLAS"); None for a CPU."""
    return next((backend for pattern, backend in _BACKENDS if re.search(pattern, text.lower())), None)


def announced_backend(log: LogText) -> Backend | None:
    """The kernels of the backend that a log announces."""
    for line in log.lines:
        for pattern, backend in _ANNOUNCED:
            if re.search(pattern, line):
                return backend
    return None


def loaded_models(log: LogText) -> list[tuple[str, float | None]]:
    """Names and bytes of the models that a log says were loaded, in their order."""
    found: list[tuple[str, float | None]] = []
    for line in log.lines:
        if loaded := _LOADED.search(line):
            found.append((stem(loaded[1]), None))
        elif found and (size := _SIZE.search(line)):
            found[-1] = (found[-1][0], float(size[1]) * _UNITS[size[2]])
    return found


def build_of(log: LogText) -> str:
    """Commit and number of the build; "" if not said."""
    said = _BUILD.search(log.text)
    if said is None:
        return ""
    return f"{said[2]} ({said[1]})" if said[1] else f"{said[3]} ({said[4]})"
