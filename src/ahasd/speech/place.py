"""From a configuration to models in the memories of a machine."""

from collections.abc import Mapping
from dataclasses import dataclass

from ahasd.errors import AhasdError
from ahasd.family.look_up import look_up as look_up_machine
from ahasd.hardware.build_devices import build_gpu, build_npu, build_pim
from ahasd.hardware.device import Device
from ahasd.hardware.fidelity import Fidelity
from ahasd.hardware.placement.device_kinds import DEVICES, DeviceName, require_device
from ahasd.hardware.placement.placement import RankSet, Resident, place_apart, place_shared
from ahasd.hardware.preset.hardware import Hardware
from ahasd.hardware.preset.preset import HardwarePreset
from ahasd.speech.configuration import SpeechConfiguration
from ahasd.speech.costs import WriterCosts
from ahasd.speech.models.pair import SpeechPair, load_speech_pair
from ahasd.speech.system import SYSTEMS, SpeechSystem
from ahasd.traces.speech.resolve import is_synthetic_speech, resolve_speech
from ahasd.traces.speech.shipped import recorded_of
from ahasd.traces.speech.trace import SpeechTrace
from ahasd.workload.precision import Precision

#: The trace that means the shipped one of the pair, and the one that is replayed where none is shipped.
OWN_TRACE, OTHERS_TRACE = "own", "whisper-tiny.en-base-real"


@dataclass(frozen=True, eq=False)
class AskedSpeech:
    """A configuration with its names looked up."""

    configuration: SpeechConfiguration
    system: SpeechSystem
    preset: HardwarePreset
    pair: SpeechPair
    trace: SpeechTrace

    @property
    def synthetic(self) -> bool:
        """Whether the trace is made up."""
        return is_synthetic_speech(self.configuration.trace)

    @property
    def longest(self) -> int:
        """Tokens of the longest transcript."""
        starts = self.trace.clip_start
        return int((starts[1:] - starts[:-1]).max())


@dataclass(frozen=True, eq=False)
class PlacedSpeech:
    """All that a transcript's time depends on.

    Attributes
    ----------
    devices
        Of ``target``, ``draft`` where there is one, and ``host``.
    """

    system: SpeechSystem
    hardware: Hardware
    devices: Mapping[str, DeviceName]
    target: WriterCosts
    draft: WriterCosts | None
    shares_encoder: bool


def look_up(configuration: SpeechConfiguration) -> AskedSpeech:
    """Look every name up.

    Raises
    ------
    AhasdError
        A name means nothing known, or things do not go together.
    """
    system, preset = look_up_machine(configuration, SYSTEMS)
    pair = load_speech_pair(configuration.pair, configuration.audio_encoder, configuration.sound_tokens)
    if configuration.trace == OWN_TRACE:
        named = recorded_of(*pair.recorded_as) or OTHERS_TRACE
        configuration = configuration.model_copy(update={"trace": named})
    trace = resolve_speech(configuration.trace, configuration.seed)
    drafting = system.drafting
    asks_more = drafting is not None and (drafting.recycling == "masked" or drafting.branching > 0)
    if asks_more and trace.after_runner_up is None:
        raise AhasdError(
            f"system '{system.name}' asks the draft about the target's tokens (recycling masked, branching), and "
            f"the trace {configuration.trace} does not hold its answers, since its models have different tokenizers: "
            "take the system specasr, or a trace of models with one tokenizer"
        )
    return AskedSpeech(configuration, system, preset, pair, trace)


def place(asked: AskedSpeech, system: SpeechSystem) -> PlacedSpeech:
    """Place the models of a system; what was asked for, or another way to use the same hardware.

    Raises
    ------
    AhasdError
        The models do not fit, the hardware lacks a device, or a text is too long for a model.
    """
    hardware, configuration, pair = asked.preset.hardware, asked.configuration, asked.pair
    precision = Precision(configuration.weight_bits, configuration.kv_bits, configuration.activation_bits)
    devices = system.on(hardware)
    for device in devices.values():
        require_device(hardware, device)
    writers = {
        name: writer for name, writer in (("target", pair.target), ("draft", pair.draft)) if name in devices
    }
    residents: dict[str, Resident] = {}
    for name, writer in writers.items():
        entries = writer.prompt(asked.trace.header.prompt_tokens) + asked.longest
        writer.check_length(entries)
        # A rejected draft and its branches lie in the cache for a while.
        room = 0 if system.drafting is None else system.drafting.most_tokens
        hears = name == "target" or not pair.shares_encoder
        residents[name] = writer.resident(entries + room, precision, hears)
    ranks = _ranks(devices, residents, hardware)
    _check_gpus(devices, residents, hardware)
    costs = {}
    for name, writer in writers.items():
        decoder = _device(devices[name], hardware, ranks.get(name), precision, configuration.fidelity)
        host = decoder
        if DEVICES[devices[name]].in_memory:
            require_device(hardware, "npu")
            host = _device("npu", hardware, ranks.get(name), precision, configuration.fidelity)
        costs[name] = WriterCosts(writer, decoder, host, hardware, precision)
    return PlacedSpeech(system, hardware, devices, costs["target"], costs.get("draft"), pair.shares_encoder)


def _ranks(
    devices: Mapping[str, DeviceName], residents: Mapping[str, Resident], hardware: Hardware
) -> dict[str, RankSet]:
    """Ranks of the models on the module: apart where one computes there."""
    there = [name for name in residents if DEVICES[devices[name]].memory == "module"]
    if not there:
        return {}
    memory = hardware.require_memory()
    if len(there) == 2 and any(DEVICES[devices[name]].in_memory for name in there):
        placed = place_apart(memory, residents["target"], residents["draft"])
        assert placed.target is not None, "both are placed"
        assert placed.draft is not None, "both are placed"
        return {"target": placed.target, "draft": placed.draft}
    shared = place_shared(memory, [residents[name] for name in there])
    return dict.fromkeys(there, shared)


def _check_gpus(
    devices: Mapping[str, DeviceName], residents: Mapping[str, Resident], hardware: Hardware
) -> None:
    for name in {devices[model] for model in residents if DEVICES[devices[model]].memory != "module"}:
        gpu = hardware.require_gpu(name)
        held = [resident for model, resident in residents.items() if devices[model] == name]
        total = sum(resident.bytes for resident in held)
        if total > gpu.available_bytes:
            sums = "; ".join(resident.arithmetic() for resident in held)
            raise AhasdError(
                f"does not fit: {sums}; together {total / 1e9:.2f} GB; {name} has {gpu.available_bytes / 1e9:.2f} "
                "GB, and models of speech are not offloaded: try --weight-bits 8 or 4"
            )


def _device(
    name: DeviceName, hardware: Hardware, ranks: RankSet | None, precision: Precision, fidelity: Fidelity
) -> Device:
    if ranks is None:
        return build_gpu(hardware, name, precision)
    if name == "pim":
        # Vector work in memory is the AAU's; on a machine without it the NPU's.
        return build_pim(hardware, ranks, hardware.aau is not None, precision, fidelity)
    return build_npu(hardware, ranks.channels, precision, fidelity)
