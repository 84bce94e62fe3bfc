"""What heads use of their target, and how they know that it is theirs."""

import hashlib
from dataclasses import dataclass
from typing import Any

from ahasd.decoding.models.language_model import LanguageModel
from ahasd.decoding.models.shared_vocabulary import tokenizer_hash
from ahasd.errors import AhasdError


@dataclass(frozen=True, slots=True)
class TargetParts:
    """Tensors of a target that its heads share.

    Parameters
    ----------
    embedding, head
        Input and output rows, (vocabulary, width); they may be one tensor.
    norm
        Weight of the last norm, (width,).
    epsilon
        Of the norms.
    frequencies
        Inverse frequencies of the rotary positions, (head width / 2,).
    """

    embedding: Any
    head: Any
    norm: Any
    epsilon: float
    frequencies: Any


def target_parts(target: LanguageModel) -> TargetParts:
    """Take them out of a model.

    Raises
    ------
    AhasdError
        It is not laid out like a Llama, for which alone there are heads.
    """
    model = target.model
    body: Any = getattr(model, "model", None)
    wanted = (
        ("embed_tokens", body),
        ("norm", body),
        ("rotary_emb", body),
        ("lm_head", model),
    )
    missing = [name for name, owner in wanted if not hasattr(owner, name)]
    if missing:
        raise AhasdError(
            f"heads read the states of a Llama-shaped target; '{target.name}' ({model.config.model_type}) has no "
            f"{', '.join(missing)}. Take method ngram, which needs none"
        )
    return TargetParts(
        embedding=body.embed_tokens.weight.detach(),
        head=model.lm_head.weight.detach(),
        norm=body.norm.weight.detach(),
        epsilon=float(model.config.rms_norm_eps),
        frequencies=body.rotary_emb.inv_freq.detach().float(),
    )


def target_identity(target: LanguageModel) -> dict[str, Any]:
    """Say what heads belong to: the shape, the tokenizer, and a digest of the last norm in half precision."""
    parts = target_parts(target)
    norm = parts.norm.half().cpu().numpy().tobytes()
    return {
        "width": int(parts.norm.shape[0]),
        "vocabulary": target.vocabulary_size,
        "tokenizer": tokenizer_hash(target) if target.tokenizer is not None else "none",
        "last_norm": hashlib.sha256(norm).hexdigest(),
    }


def check_identity(said: Any, target: LanguageModel, heads: str) -> None:
    """See that heads are those of a target.

    Parameters
    ----------
    said
        What their document holds.
    heads
        What messages call them.

    Raises
    ------
    AhasdError
        They are those of another model.
    """
    own = target_identity(target)
    if not isinstance(said, dict) or said.keys() != own.keys():
        raise AhasdError(f"{heads}: the document does not say which target they belong to; train them again")
    for name, found in own.items():
        if said[name] != found:
            kind = {"width": "hidden size", "vocabulary": "vocabulary", "tokenizer": "tokenizer"}.get(
                name, "weights"
            )
            values = f" ({said[name]}, and {found})" if isinstance(found, int) else ""
            raise AhasdError(
                f"{heads}: made for a target of another {kind}{values} than '{target.name}'; take the heads of this "
                "model, or train some (scripts/train_smollm2_heads.py)"
            )
