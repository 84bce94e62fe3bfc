"""What can be named in a configuration, each with a line about it."""

from ahasd.experts.cache.policies import POLICIES
from ahasd.experts.machine.machine import load_machine, machine_names
from ahasd.hardware.bonded.bonded_device import bonded_names, load_bonded
from ahasd.hardware.preset.owned.owned_presets import owned_processors
from ahasd.hardware.preset.preset import load_preset, preset_names
from ahasd.report.hardware_list import short_description
from ahasd.sparse_attention.heads.shipped import pattern_names, shipped_pattern
from ahasd.speculation.drafting.specification import algorithm_descriptions
from ahasd.speculation.summary import NO_SPECULATION
from ahasd.systems.families import load_system, system_names
from ahasd.traces.attention.shipped import load_shipped_attention, shipped_attention
from ahasd.traces.resolve import resolve_trace
from ahasd.traces.shipped import shipped_names
from ahasd.traces.speech.shipped import load_shipped_speech, shipped_speech
from ahasd.traces.tree.published import WITHIN
from ahasd.traces.tree.shipped import load_shipped_tree, shipped_trees
from ahasd.workload.networks.catalogue import NETWORKS
from ahasd.workload.speech.catalogue import load_speech_model, speech_model_names
from ahasd.workload.zoo import load_model, zoo_names


def list_models() -> dict[str, str]:
    """The models of the zoo."""
    specs = {name: load_model(name) for name in zoo_names()}
    return {
        name: f"{spec.parameters / 1e6:9.2f} M parameters, {spec.layers} layers, tokenizer {spec.tokenizer}"
        for name, spec in specs.items()
    }


def list_speech() -> dict[str, str]:
    """The models of speech."""
    specs = {name: load_speech_model(name) for name in speech_model_names()}
    return {
        name: f"{spec.parameters / 1e6:9.2f} M parameters, {spec.encoder_layers} + {spec.decoder_layers} layers"
        + (f", the encoder of {spec.encoder_of}" if spec.encoder_of else "")
        for name, spec in specs.items()
    }


def list_networks() -> dict[str, str]:
    """The networks whose nodes can be ordered."""
    return {name: network.text for name, network in NETWORKS.items()}


def list_systems() -> dict[str, str]:
    """The built-in systems of all families."""
    return {name: load_system(name).description for name in system_names()}


def list_hardware() -> dict[str, str]:
    """The machines of the studies, then the devices that people own, group by group."""
    machines = {name: load_preset(name).hardware.description for name in preset_names()}
    return machines | {each.name: short_description(each) for each in owned_processors()}


def list_algorithms() -> dict[str, str]:
    """The drafting algorithms."""
    return algorithm_descriptions() | {NO_SPECULATION: "no speculation: the target alone"}


def list_caches() -> dict[str, str]:
    """Rules by which experts give way in fast memory."""
    return dict(POLICIES)


def list_machines() -> dict[str, str]:
    """Machines on which a mixture's experts lie in two memories."""
    return {name: load_machine(name).description for name in machine_names()}


def list_bonded() -> dict[str, str]:
    """Devices of memory bonded to logic."""
    devices = [load_bonded(name) for name in bonded_names()]
    return {
        one.name: f"{one.description}; {one.bytes_per_second / 1e12:.1f} TB/s, {one.peak_w:.0f} W at most, "
        f"{one.element_mm2:.1f} mm2 an element"
        for one in devices
    }


def list_heads() -> dict[str, str]:
    """Which heads of which models need the whole context."""
    patterns = [shipped_pattern(name) for name in pattern_names()]
    return {
        one.name: f"{one.layers} layers of {one.heads} key-value heads, "
        f"{(one.need > 0.5).mean():.0%} above one half; {one.source}"
        for one in patterns
    }


def list_traces() -> dict[str, str]:
    """The shipped traces, and how one is made up."""
    traces = {name: resolve_trace(name) for name in shipped_names()}
    found = {
        name: f"{trace.positions} positions x {trace.steps} steps, {trace.header.mode}, {trace.header.notes}"
        for name, trace in traces.items()
    }
    for name in shipped_trees():
        tree = load_shipped_tree(name)
        size = f"{tree.positions} points x {tree.heads} heads x {tree.top} candidates"
        found[name] = f"{size}, {tree.header.mode}, {tree.header.notes}"
    for name in shipped_attention():
        attention = load_shipped_attention(name)
        size = f"{attention.steps} steps x {attention.layers} layers x {attention.heads} key-value heads"
        found[name] = f"{size}, {attention.header.model}; {attention.header.prompts}"
    for name in shipped_speech():
        speech = load_shipped_speech(name)
        size = f"{speech.clips} clips, {len(speech.target)} tokens x {speech.length} steps"
        found[name] = f"{size}, {speech.header.draft} for {speech.header.target}; {speech.header.clips}"
    return found | {
        "synthetic:acceptance=A,auc=B": "made up: acceptance rate A, entropy predicts it with area B (0.5: not)",
        "synthetic-routing:zipf=Z,repeat=R": "made up routing of experts: popularity r^-Z, R of a token's kept",
        "synthetic-attention:zipf=Z,repeat=R": "made up choice of pages: popularity r^-Z, R of a step's kept",
        "synthetic-tree:heads=NAME": f"made up guesses of heads: {', '.join(WITHIN)}, or shares as 0.6:0.7/0.3:0.4",
        "synthetic-speech:agreement=A,doubt=D": "made up transcripts: share of words a draft hears "
        "alike, share of the others it is unsure of",
    }


def list_private() -> dict[str, str]:
    """The networks of private inference."""
    from ahasd.private_inference.network.zoo import network_named, network_names

    networks = {name: network_named(name) for name in network_names()}
    return {
        name: f"{network.weights / 1e6:9.3f} M weights, {len(network.layers)} products: {network.title}"
        for name, network in networks.items()
    }
