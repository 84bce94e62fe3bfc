"""Heads that draft for one target, from their `config.json`: what they store and what a drafted token reads.

They read hidden states of the target and are no models that run alone, so `hugging_face` refuses them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ahasd.errors import AhasdError
from ahasd.workload.readers.fields import ConfigReader
from ahasd.workload.readers.unlike import DRAFT_HEAD_WIDTH

#: EAGLE (arXiv 2401.15077) and EAGLE-3 (arXiv 2503.01840): one layer run again for every token. Medusa (arXiv
#: 2401.10774): a block and an output layer of its own for every token. DFlash (arXiv 2602.06036): some layers once
#: for a block of tokens.
HeadKind = Literal["eagle", "eagle3", "medusa", "dflash"]

#: Words of `architectures`, `model_type` and `speculators_model_type`, in the order in which they are asked.
_NAMED: tuple[tuple[str, HeadKind], ...] = (
    ("eagle-?3", "eagle3"),
    ("eagle", "eagle"),
    ("medusa", "medusa"),
    ("dflash", "dflash"),
)

#: What other heads are called, and the nearest that is known here.
_OTHERS: dict[str, HeadKind] = {
    "hydra": "medusa",
    "mlp_speculator|mlpspeculator": "medusa",
    "dspark": "dflash",
    "p-?eagle|peagle": "eagle3",
    "nextn|_mtp|mtp$|mtpmodel": "eagle",
    "assistant": "eagle",
}

#: Fields that only a kind of head has.
_FIELDS: tuple[tuple[str, HeadKind], ...] = (
    ("medusa_num_heads", "medusa"),
    ("dflash_config", "dflash"),
    ("draft_vocab_size", "eagle3"),
    ("eagle_aux_hidden_state_layer_ids", "eagle3"),
    ("eagle_config", "eagle3"),
)

#: Hidden states of the target that EAGLE-3 joins (low, middle and high layer).
_JOINED = 3


@dataclass(frozen=True, slots=True)
class DraftHead:
    """Counts in elements of matrices; norms and the tables that map a reduced vocabulary are not counted.

    Attributes
    ----------
    step_parameters
        That a drafted token reads; for a block drafter those of its one pass.
    stored_parameters
        That it holds beside the target. An embedding or output layer that it takes from the target is not among them.
    cached_elements
        Keys and values that a token leaves in its caches.
    vocabulary
        Tokens that it drafts from.
    """

    kind: HeadKind
    layers: int
    width: int
    step_parameters: int
    stored_parameters: int
    cached_elements: int
    vocabulary: int


def is_draft_head(contents: Mapping[str, Any]) -> bool:
    """Whether a `config.json` describes a head that drafts for a target."""
    named = _names(contents)
    if any(re.search(word, named) for word, _ in _NAMED) or any(re.search(word, named) for word in _OTHERS):
        return True
    return any(contents.get(field) for field, _ in _FIELDS) or _is_wrapped(contents)


def draft_head(contents: Mapping[str, Any], origin: str) -> DraftHead:
    """Read a head.

    Raises
    ------
    AhasdError
        Its kind is not known, or a field is missing or of a wrong type; the message names the nearest kind that is.
    """
    inner = contents.get("transformer_layer_config")  # speculators' files keep the shapes in there
    shapes = {**inner, **contents} if isinstance(inner, Mapping) else contents
    reader = ConfigReader(shapes, origin)
    kind = _kind(contents, origin)
    if kind == "medusa":
        return _medusa(reader)
    return _transformer(reader, kind)


def _kind(contents: Mapping[str, Any], origin: str) -> HeadKind:
    named = _names(contents)
    for word, nearest in _OTHERS.items():
        if re.search(word, named):
            raise AhasdError(
                f"{origin}: a head of this kind ({named.strip()}) is not known here; the nearest is '{nearest}', "
                f"whose costs `--methods {'dflash' if nearest == 'dflash' else 'eagle'}` without --draft assumes"
            )
    for word, kind in _NAMED:
        if re.search(word, named):
            return "eagle3" if kind == "eagle" and contents.get("draft_vocab_size") else kind
    return next((kind for field, kind in _FIELDS if contents.get(field)), "eagle")


def _transformer(reader: ConfigReader, kind: HeadKind) -> DraftHead:
    hidden, layers = reader.integer("hidden_size"), reader.integer("num_hidden_layers")
    heads = reader.integer("num_attention_heads")
    size = reader.integer("head_dim", hidden // heads)
    kept = reader.integer("num_key_value_heads", heads) * size
    # EAGLE-3's attention takes the token's embedding beside the hidden state.
    inwards = 2 * hidden if kind == "eagle3" else hidden
    layer = inwards * (heads * size + 2 * kept) + heads * size * hidden
    layer += 3 * hidden * reader.integer("intermediate_size")
    joining = {"eagle": 2 * hidden, "eagle3": _JOINED * hidden, "dflash": 0}.get(kind, 0) * hidden
    if kind == "dflash":
        joining = _tapped(reader, layers) * hidden * hidden
    vocabulary = reader.integer("draft_vocab_size", reader.optional_integer("vocab_size"))
    output = vocabulary * hidden
    own = output if kind == "eagle3" else 0  # EAGLE and DFlash use the target's output layer
    # EAGLE joins hidden state and embedding in every step; the others join once a round what the target left.
    step = layers * layer + output + (joining if kind in ("eagle", "dflash") else 0)
    return DraftHead(
        kind, layers, hidden, step, layers * layer + joining + own, 2 * layers * kept, vocabulary
    )


def _tapped(reader: ConfigReader, layers: int) -> int:
    """Layers of the target whose hidden states DFlash joins: those that the file lists, else as many as it has."""
    own = reader.contents.get("dflash_config")
    listed = own.get("target_layer_ids") if isinstance(own, Mapping) else None
    return len(listed) if isinstance(listed, list) else layers


def _medusa(reader: ConfigReader) -> DraftHead:
    heads = reader.integer("medusa_num_heads", reader.optional_integer("num_heads"))
    blocks = reader.integer("medusa_num_layers", reader.optional_integer("num_hidden_layers"))
    if reader.contents.get("hidden_size") is None or reader.contents.get("vocab_size") is None:
        raise AhasdError(
            f"{reader.origin}: a file of Medusa's heads without hidden_size and vocab_size does not say how large "
            "they are; add the target's two figures to it, or plan with `--methods eagle`, the nearest that is known"
        )
    hidden, vocabulary = reader.integer("hidden_size"), reader.integer("vocab_size")
    one = blocks * hidden * hidden + vocabulary * hidden
    return DraftHead("medusa", blocks, hidden, one, heads * one, 0, vocabulary)


def _names(contents: Mapping[str, Any]) -> str:
    classes = contents.get("architectures") or []
    words = [*classes, contents.get("model_type"), contents.get("speculators_model_type")]
    return " ".join(str(word) for word in words if word).lower()


def _is_wrapped(contents: Mapping[str, Any]) -> bool:
    """A single wide layer under a plain family's name, as EAGLE's files are, unless the file says it is none."""
    layers, hidden = contents.get("num_hidden_layers"), contents.get("hidden_size")
    plain = contents.get("draft_head") is False
    return layers == 1 and isinstance(hidden, int) and hidden >= DRAFT_HEAD_WIDTH and not plain
