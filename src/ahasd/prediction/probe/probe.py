"""Measuring this machine: passes of several rows, streaming, and two processes at once."""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from ahasd.hardware.measured.importing.assemble import Assembled, assemble
from ahasd.hardware.measured.importing.reading import ModelName, Reading, TimeReading
from ahasd.hardware.measured.measured_device import BUSY, Source
from ahasd.prediction.probe.llama_program import run_batched_bench
from ahasd.processors import load_per_processor

#: Shares of the time that the parts have; two processes are measured twice, and start in between (ours).
WIDTHS_SHARE, TOGETHER_SHARE = 0.4, 0.06


@dataclass(frozen=True, slots=True)
class ProbeSettings:
    """What to measure, and for how long.

    Attributes
    ----------
    widths
        Rows of the passes.
    model
        A GGUF file, for llama.cpp; a folder, for transformers; None for a chain of products.
    context
        Tokens in the caches of a model.
    seconds
        For all of it, loading apart.
    threads
        Of torch.
    hidden, layers
        Size of the chain.
    stream_megabytes
        What is streamed over.
    """

    widths: Sequence[int]
    model: Path | None
    context: int
    seconds: float
    threads: int
    hidden: int = 1024
    layers: int = 8
    stream_megabytes: int = 512


def probe(settings: ProbeSettings, name: str = "", progress: Callable[[], None] = lambda: None) -> Assembled:
    """Measure everything.

    Parameters
    ----------
    name
        The device's; "" for what it calls itself.
    progress
        Told of every step.

    Raises
    ------
    AhasdError
        torch or llama.cpp are missing where they are needed, or a model cannot be loaded.
    """
    readings = []
    if settings.model is not None and settings.model.suffix == ".gguf":
        readings.append(
            run_batched_bench(settings.model, settings.widths, settings.context, settings.seconds / 2)
        )
        progress()
        if find_spec("torch") is None or find_spec("transformers") is None:
            lacks = "Bandwidth and what two processes cost each other were not measured: that needs torch."
            return assemble(
                [*readings, Reading(Source(program="ahasd probe"), remarks=(lacks,))], name or _processor()
            )
    return assemble([*readings, _with_torch(settings, progress)], name)


def _with_torch(settings: ProbeSettings, progress: Callable[[], None]) -> Reading:
    from ahasd.decoding.backend import torch
    from ahasd.prediction.probe.decoder_chain import ChainShape, DecoderChain
    from ahasd.prediction.probe.model_passes import ModelPasses
    from ahasd.prediction.probe.streaming import streaming_bandwidth
    from ahasd.prediction.probe.timing import time_passes
    from ahasd.prediction.probe.two_processes import slowdown

    load = load_per_processor()  # before this command is at work itself
    torch.set_num_threads(settings.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    shape = ChainShape(settings.hidden, settings.layers)
    chain = DecoderChain(shape, device)
    progress()
    bandwidth = streaming_bandwidth(settings.stream_megabytes, device)
    progress()
    share = settings.seconds * WIDTHS_SHARE
    folder = settings.model if settings.model is not None and settings.model.suffix != ".gguf" else None
    measured = [(chain.forward, ModelName(chain.name, float(chain.weight_bytes), float(shape.parameters)), 0)]
    if folder is not None:
        model = ModelPasses(folder, settings.context, max(settings.widths))
        measured.append((model.forward, ModelName(model.name), settings.context))
        share /= 2
    times = [
        TimeReading(model_name, width, context, 1e3 * seconds)
        for run, model_name, context in measured
        for width, seconds in time_passes(run, settings.widths, share, progress).items()
    ]
    together = slowdown(shape, device, settings.threads, settings.seconds * TOGETHER_SHARE)
    progress()
    return Reading(
        Source(
            program="ahasd probe",
            version=f"torch {torch.__version__}, {settings.threads} threads",
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            host=platform.platform(),
            load_per_processor=load,
        ),
        tuple(times),
        device=torch.cuda.get_device_name() if device == "cuda" else _processor(),
        backend="pytorch" if device == "cuda" else None,
        processor=None if device == "cuda" else "cpu",
        bandwidth_gb_s=bandwidth / 1e9,
        slowdown=max(0.5, together),
        remarks=tuple(_remarks(settings, times, load)),
        stand_ins=(chain.name,),
    )


def _remarks(settings: ProbeSettings, times: Sequence[TimeReading], load: float | None) -> list[str]:
    found = []
    left = sorted(set(settings.widths) - {time.width for time in times})
    if left:
        widths = ", ".join(map(str, left))
        found.append(f"Time did not suffice for {widths} rows; give it longer (--seconds) or fewer --widths.")
    if load is not None and load > BUSY:
        found.append(
            f"Other processes were at work ({load:.1f} for each processor): times are longer than on an idle machine."
        )
    return found


def _processor() -> str:
    """What the processor calls itself."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:  # not on every system
        text = ""
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return next(iter(names), "") or platform.processor() or platform.machine() or "this machine"
