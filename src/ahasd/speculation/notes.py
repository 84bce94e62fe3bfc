"""What a reader of a result must know so as not to be misled."""

from ahasd.hardware.dram.streams.rates import peak_bytes_per_second
from ahasd.hardware.dram.timings import load_timing_set
from ahasd.hardware.gpu.width.backends import width_cost
from ahasd.hardware.placement.device_kinds import DEVICES
from ahasd.speculation.configuration import Resolved, RunConfiguration
from ahasd.speculation.hardware_notes import hardware_notes
from ahasd.speculation.model_notes import model_notes
from ahasd.speculation.options.read import SYSTEMS
from ahasd.speculation.options.system import AnySystem, PearlSystem
from ahasd.speculation.place import PlacedMachine
from ahasd.speculation.schedule import SpeculationOutcome
from ahasd.speculation.trees.simulated.prepare import PreparedTrees
from ahasd.speculation.weights_record import weights_notes
from ahasd.traces.tree.trace import TreeHeader
from ahasd.workload.pair import ModelPair
from ahasd.workload.passes import layer_matrix_bytes

#: Below this mean draft length a published threshold hardly lets the draft work (ours).
SHORT_DRAFTS = 1.5

#: Share by which the bus rate of a preset may differ from that of its timing set without a word (ours).
BUS_TOLERANCE = 0.05


def acceptance_from(resolved: Resolved) -> str | None:
    """Whose acceptance the result shows; None where nothing is drafted."""
    if resolved.guesser is None:
        return None
    header = resolved.trace.header
    if isinstance(header, TreeHeader):
        source, model = f"heads {header.heads} of {header.model}", resolved.pair.target.name
    else:
        source, model = f"{header.draft} -> {header.target}", resolved.pair.name
    return f"trace {resolved.trace_name} ({source}, {header.mode}); costs are those of {model}"


def notes(resolved: Resolved, outcome: SpeculationOutcome, machine: PlacedMachine) -> list[str]:
    """Caveats of a run, the most important first."""
    found = _acceptance(resolved) if resolved.guesser is not None else []
    if resolved.own.descriptions:
        found.append("objects that a file cannot hold: " + ", ".join(resolved.own.descriptions))
    if resolved.system.ideal_options:
        found.append("conflicts switched off: " + ", ".join(resolved.system.ideal_options))
    changes = [*_changed_constants(resolved), *_changed_options(resolved.system)]
    if changes:
        found.append("changed: " + ", ".join(changes))
    works = {section for device in machine.system.devices.values() for section in DEVICES[device].sections}
    found += hardware_notes(resolved.preset, frozenset(works), machine.fidelity)
    found += weights_notes(resolved.pair, resolved.precision, machine.models)
    found += _offloaded(machine)
    drafts = resolved.guesser is not None
    found += model_notes(machine.models, machine.precision, outcome.mean_draft_length, drafts)
    if drafts:
        found += _widths(machine)
    if resolved.algorithm is not None and resolved.trees is None:
        found += _tokenizers(resolved.pair)
    if resolved.trees is not None:
        found += _trees(resolved, resolved.trees)
    found += _stretched(resolved)
    if machine.together is not None:
        found.append(machine.together.remark)
    algorithm, system, length = resolved.algorithm, resolved.system, outcome.mean_draft_length
    if algorithm is not None and isinstance(system, PearlSystem) and not system.asks_policy:
        return [*found, f"blocks are as long as a pass of the target: {algorithm.name} is not asked"]
    if resolved.trees is not None or algorithm is None:
        return found
    if length > resolved.rollout.steps:
        steps = f"{resolved.rollout.steps} {'' if resolved.rollout.header.synthetic else 'recorded '}steps of a row"
        found.append(
            f"drafts are longer than the {steps}; what follows a rejection there is drawn from other rows"
        )
    if algorithm.numbers_from == "published" and length < SHORT_DRAFTS:
        found.append(
            f"the published thresholds of {algorithm.name} stop after {length:.1f} tokens on this trace's "
            f"entropies; {algorithm.name}:calibrated sets them on held-out prompts"
        )
    return found


def _acceptance(resolved: Resolved) -> list[str]:
    """Where acceptance comes from, and what replaying a recording leaves open."""
    found = [f"acceptance is the trace's: {acceptance_from(resolved)}"]
    header = resolved.trace.header
    if header.mode == "sampled" and not header.synthetic:
        found.append(
            "rows of a sampled trace were conditioned on the recorded text: replay is an approximation"
        )
    return found


def _trees(resolved: Resolved, trees: PreparedTrees) -> list[str]:
    """What trees suppose of the heads, and who has no say."""
    found = list(trees.remarks)
    if trees.trace.header.synthetic:
        found.append(
            "made-up heads are right independently of each other, at every place alike but for their sharpness"
        )
    asked = RunConfiguration.model_fields["algorithm"].default
    if not resolved.system.asks_policy and resolved.configuration.algorithm != asked:
        found.append(f"trees are chosen by {trees}: {resolved.configuration.algorithm} is not asked")
    return found


def _offloaded(machine: PlacedMachine) -> list[str]:
    """Layers that do not fit into a GPU, and that a GPU has one model at either fidelity."""
    found = []
    for model, device in machine.system.devices.items():
        layers = machine.offloaded[model]
        if layers:
            gpu, spec = machine.hardware.require_gpu(device), machine.models[model]
            gigabytes = layers * layer_matrix_bytes(spec, machine.precision) / 1e9
            when = "beside the kernels" if gpu.offload_overlap else "before the kernels that use them"
            found.append(
                f"{layers} of {spec.layers} layers of the {model} ({gigabytes:.2f} GB) do not fit into the {device} "
                f"and are copied in over PCIe in every pass, {when}"
                + ("; of experts, only those that a pass reads" if spec.experts else "")
            )
    if any(device in machine.hardware.gpus for device in machine.system.devices.values()):
        found.append("a GPU has one cost model, a roofline with launches: fidelity does not change it")
    return found


def _widths(machine: PlacedMachine) -> list[str]:
    """How well is known what a verification's rows cost on a GPU."""
    gpu = machine.hardware.gpus.get(machine.system.target_device)
    if gpu is None:
        return []
    precision = machine.precision.storing(machine.models["target"].stored_weights)
    bits, rows = precision.weight_bits, "a verification of several tokens costs"
    if gpu.backend == "ideal-tensor-cores":
        return [
            f"{rows} what one does until the tensor cores are busy (gpu.backend={gpu.backend}): kernels cost more"
        ]
    error = width_cost(gpu.backend, bits).error
    known = f"not measured at {bits} bits" if error is None else f"known within {error:.0%} in the mean"
    return [f"{rows} what the kernels of {gpu.backend} make it cost, {known}"]


def _tokenizers(pair: ModelPair) -> list[str]:
    """That a pair may be none."""
    if not pair.unchecked:
        return []
    return [
        f"not checked that draft and target share a tokenizer: no tokenizer lies beside the config.json of "
        f"{' and '.join(pair.unchecked)}; architecture and size of vocabulary suggest '{pair.target.tokenizer}'"
    ]


def _stretched(resolved: Resolved) -> list[str]:
    """Inputs that go beyond what they were made for."""
    found, configuration = [], resolved.configuration
    length = configuration.prompt_tokens + configuration.tokens
    for spec in {resolved.pair.draft, resolved.pair.target}:
        if spec.maximum_positions is not None and length > spec.maximum_positions:
            found.append(
                f"{length} tokens are more than the {spec.maximum_positions} that {spec.name} was made for"
            )
    memory = resolved.preset.hardware.memory
    if memory is None:
        return sorted(found)
    timing_set = load_timing_set(memory.timing)
    peak = peak_bytes_per_second(timing_set.timing, timing_set.organisation) * 1e-9
    if abs(peak / memory.channel_gb_per_second - 1) > BUS_TOLERANCE:
        found.append(
            f"a channel of {memory.timing} has {peak:.1f} GB/s, memory.channel_gb_per_second is "
            f"{memory.channel_gb_per_second:g}: timings of one device, rate of another"
        )
    return sorted(found)


def _changed_constants(resolved: Resolved) -> list[str]:
    """Constants of the hardware that a user gave."""
    document = resolved.preset.hardware.model_dump()
    changes = []
    for key, source in resolved.preset.sources.items():
        if source.startswith("given"):
            section, _, name = key.partition(".")
            changes.append(f"{key}={document[section][name] if name else document[section]}")
    return changes


def _changed_options(system: AnySystem) -> list[str]:
    """Options that differ from the built-in system of the same name."""
    if system.name not in SYSTEMS.names or system.schedule != SYSTEMS.load(system.name).schedule:
        return []
    ours, theirs = system.model_dump(), SYSTEMS.load(system.name).model_dump()
    del ours["default_hardware"]  # the hardware itself is in the configuration
    return [f"system.{key}={value}" for key, value in ours.items() if value != theirs[key]]
