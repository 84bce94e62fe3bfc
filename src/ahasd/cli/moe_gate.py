"""``ahasd moe gate``: what leaving experts out costs a mixture."""

from pathlib import Path
from typing import Annotated

import typer

from ahasd.cli.model_options import DataType, TargetDevice, TrustRemoteCode

#: In nats where the sensitivities are the mixture's own; the fifth is AdapMoE's.
THRESHOLDS = "0,0.0003,0.001,0.003,0.005,0.01,0.02,0.05"


def gate(
    model: Annotated[
        Path | None,
        typer.Option(show_default="the tiny mixture", help="Folder of a mixture of experts of transformers."),
    ] = None,
    thresholds: str = typer.Option(THRESHOLDS, help="Of the sensitivity gate, separated by commas."),
    text: Path | None = typer.Option(
        None,
        show_default="sources of Python that the tiny mixture was not trained on",
        help="Text that the model was not trained on.",
    ),
    tokens: int = typer.Option(4096, min=1, help="Of the text at most, evenly over it."),
    json_: bool = typer.Option(False, "--json", help="Print everything as JSON."),
    device: TargetDevice = None,
    dtype: DataType = None,
    trust_remote_code: TrustRemoteCode = False,
) -> None:
    """Say what AdapMoE's gate costs: perplexity, and how far predictions move (needs the torch extra).

    The model runs whole in memory. It must send each token to two experts, as Mixtral does.
    """
    from ahasd.cli.comma_lists import split_names
    from ahasd.cli.expert_gates import AskedGate, mixture_name, parse_threshold
    from ahasd.cli.show import show_answer
    from ahasd.text_files import read_text

    asked = [parse_threshold("--thresholds", part) for part in split_names("--thresholds", thresholds)]
    given = None if text is None else read_text(text, "text")
    from ahasd.cli.models import quiet
    from ahasd.cli.progress import progress_bar
    from ahasd.decoding.experts.gate_quality import gate_quality
    from ahasd.decoding.experts.routed_layers import routed_layers
    from ahasd.decoding.models.language_model import load_language_model
    from ahasd.decoding.recording.stdlib_corpus import read_sources, source_files
    from ahasd.decoding.tiny_moe import model_path
    from ahasd.report.files import to_json
    from ahasd.report.gate_quality import gate_quality_json, gate_quality_text

    quiet()
    name = mixture_name(model)
    loaded = load_language_model(
        model_path() if model is None else model, name, device, dtype, trust_remote_code=trust_remote_code
    )
    if given is None:
        given = "".join(read_sources(source_files(held_out=True)))
    layers = len(routed_layers(loaded.model, loaded.name))
    gates = [AskedGate(name, threshold).make(layers) for threshold in asked]
    ids = loaded.tokenizer(given, add_special_tokens=False, verbose=False)["input_ids"]
    with progress_bar("windows") as advance:
        found = list(zip(asked, gate_quality(loaded, ids, gates, tokens, advance), strict=True))
    source = AskedGate(name, 0.0).source(layers) or ""
    show_answer(
        to_json(gate_quality_json(name, source, found)) if json_ else gate_quality_text(name, source, found),
        data=json_,
    )
