"""What a reader must know of models that are more than attention and one feed-forward part in every layer."""

from collections.abc import Mapping

from ahasd.workload.model_spec import ModelSpec
from ahasd.workload.passes import kv_cache_bytes
from ahasd.workload.precision import Precision

_GIGA, _MEGA = 1e9, 1e6


def model_notes(
    models: Mapping[str, ModelSpec], precision: Precision, mean_draft_length: float, drafts: bool
) -> list[str]:
    """Caveats of mixtures of experts, of recurrent states, and of layers that predict further tokens.

    Parameters
    ----------
    models
        By role: ``target``, and ``draft`` where there is one.
    precision
        Bits of the models.
    mean_draft_length
        Tokens that a verification was given, on average.
    drafts
        Whether something is drafted.
    """
    found = []
    for role, spec in models.items():
        # A verification passes the drafted tokens and the one before them.
        width = round(mean_draft_length) + 1 if role == "target" and drafts else 1
        found += _experts(role, spec, width)
        found += _state(role, spec, precision) if drafts else []
        if spec.further_token_layers:
            found.append(
                f"{spec.further_token_layers} layer(s) of the {role} predict further tokens (MTP); a plain pass runs "
                "none of them, and they are not counted"
            )
    return found


def _experts(role: str, spec: ModelSpec, width: int) -> list[str]:
    """How many experts a pass reads, which is a matter of the text."""
    if not spec.experts:
        return []
    read = [
        f"{experts.different(width):.3g} of {experts.count} experts"
        + (f" ({experts.chosen} a token)" if width > 1 else "")
        for experts in spec.experts
    ]
    law = (
        "as expert_growth in its config.json says"
        if any(experts.growth is not None for experts in spec.experts)
        else "the most there can be: tokens that choose alike read fewer, which expert_growth in its config.json says"
    )
    return [
        f"the {role} is a mixture: a token uses {spec.active_parameters / _GIGA:.2f} of "
        f"{spec.parameters / _GIGA:.2f} billion parameters, and a pass of {width} token(s) reads {' or '.join(read)} "
        f"of a layer in the mean" + (f", {law}" if width > 1 else "")
    ]


def _state(role: str, spec: ModelSpec, precision: Precision) -> list[str]:
    """What taking back a rejected draft asks of layers that cannot forget a token."""
    state = kv_cache_bytes(spec, 0, precision)
    if not state:
        return []
    return [
        f"the {role} keeps a state of {state / _MEGA:.1f} MB that rejected tokens spoil: every round copies it aside "
        "and, after a rejection, back and forward again, which is not in the times; programs that copy it by way of "
        "the host take tens of milliseconds"
    ]
