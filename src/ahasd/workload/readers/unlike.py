"""What makes a model something else than the plain decoder that its `config.json` could be taken for.

A plain decoder is what :class:`~ahasd.workload.model_spec.ModelSpec` describes: equal layers, each of attention over
a key-value cache and one feed-forward layer, from tokens to logits. A file of a family that is read may still say
that the model is none, in fields that the family does not have; then it is refused, since its costs would be
another's.
"""

import re

from ahasd.errors import AhasdError
from ahasd.workload.readers.fields import ConfigReader
from ahasd.workload.readers.own_fields import CLASSES, owns

#: What a model is, and the fields that say so when they are set.
_FIELDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "a draft head that reads the hidden states of its target, not a model that runs alone",
        (
            "draft_vocab_size",
            "eagle_config",
            "eagle_aux_hidden_state_layer_ids",
            "target_hidden_size",
            "speculators_model_type",
            "medusa_num_heads",
            "num_medusa_heads",
            "dflash_config",
        ),
    ),
    ("an encoder with a decoder", ("is_encoder_decoder", "add_cross_attention", "cross_attention_layers")),
    (
        "a model of several parts, of which text is one; give the text model's own config.json",
        ("text_config", "vision_config", "audio_config", "thinker_config", "llm_config"),
    ),
    (
        "a model with state-space, recurrent, convolutional or linear-attention layers, without a key-value cache",
        (
            "ssm_cfg",
            "state_size",
            "ssm_state_size",
            "mamba_d_state",
            "mamba_d_ssm",
            "mamba_num_heads",
            "lru_width",
            "conv_L_cache",
            "linear_num_value_heads",
            "linear_attn_config",
            "layers_block_type",
            "hybrid_override_pattern",
            "attn_layer_indices",
            "attn_layer_period",
        ),
    ),
    ("a model with latent attention, whose cache is compressed", ("kv_lora_rank", "q_lora_rank")),
    ("a model whose layers differ in shape", ("block_configs", "pruned_heads", "num_kv_shared_layers")),
    (
        "a model with layers that predict further tokens",
        ("num_nextn_predict_layers", "mtp_num_hidden_layers"),
    ),
    ("a model with norms of queries and keys that its family does not have", ("use_qk_norm", "qk_layernorm")),
)

#: Fields that count experts; one is a plain feed-forward layer.
_EXPERTS = ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts")
_MIXTURE = (
    "a mixture of experts, where a token reads some experts' weights and a pass those of all its tokens"
)

#: Families in which a stated window holds for every layer.
_WINDOWED = {"mistral", "ministral3", "phi3", "starcoder2"}
#: Families whose layers have a window or none in turn.
_MIXED = {
    *("cohere2", "cwm", "exaone4", "gemma2", "gemma3_text", "gemma3n_text", "gemma4_text"),
    *("gemma4_unified_text", "ministral", "olmo3", "qwen2", "qwen3", "smollm3", "vaultgemma"),
}

#: Classes of draft heads.
_DRAFT_HEAD = re.compile(r"eagle|medusa|hydra|speculator|dflash|nextn|mtp", re.IGNORECASE)
#: Classes that turn hidden states into logits of the next token, whatever their family.
_LANGUAGE_MODEL = re.compile(r"(ForCausalLM|LMHeadModel)$")

#: A single layer of this width or more is no language model that anybody published, but a draft head of EAGLE's kind.
DRAFT_HEAD_WIDTH = 1024


def refuse_what_is_not_plain(reader: ConfigReader) -> None:
    """Refuse a file with a field that no plain decoder has, whatever its family.

    Raises
    ------
    AhasdError
        The message names file, family, field and what it means.
    """
    contents = reader.contents
    for what, fields in _FIELDS:
        for field in fields:
            if contents.get(field) and not owns(reader, field):
                raise _unlike(reader, f"'{field}'", contents[field], what)
    for field in _EXPERTS:
        if contents.get(field) not in (None, 0, 1) and not owns(reader, field):
            raise _unlike(reader, f"'{field}'", contents[field], _MIXTURE)


def refuse_what_its_family_is_not(reader: ConfigReader) -> None:
    """Refuse a file of a family that is read, if its class or its layers are not those of the family.

    Raises
    ------
    AhasdError
        The message names file, family, field and what it means.
    """
    _refuse_other_classes(reader)
    _refuse_mixed_layers(reader)


def refuse_draft_head(reader: ConfigReader, layers: int, width: int) -> None:
    """Refuse a single wide layer, unless the file says ``"draft_head": false``.

    Raises
    ------
    AhasdError
        The message says how to have it read all the same.
    """
    if layers == 1 and width >= DRAFT_HEAD_WIDTH and reader.flag("draft_head", True):
        raise AhasdError(
            f"{reader.origin}: one layer of width {width} looks like a draft head in a '{reader.text('model_type')}' "
            "wrapper (EAGLE's files do), which reads the hidden states of its target and has no embedding or head of "
            'its own; if it is a model that runs alone, say "draft_head": false in the file'
        )


def _refuse_other_classes(reader: ConfigReader) -> None:
    for name in reader.contents.get("architectures") or []:
        if _DRAFT_HEAD.search(str(name)):
            raise _unlike(reader, "'architectures'", [name], _FIELDS[0][0])
        if not _LANGUAGE_MODEL.search(str(name)):
            raise _unlike(
                reader, "'architectures'", [name], "no model from tokens to the next token's probabilities"
            )
        if not _is_of_family(str(name), reader):
            raise _unlike(reader, "'architectures'", [name], "another family's model under this one's name")
    own = reader.contents.get("auto_map")
    if isinstance(own, dict) and not _is_of_family(str(own.get("AutoModelForCausalLM", "")), reader):
        what = "a model with code of its own, whose shapes the file need not tell; drop the field if they are plain"
        raise _unlike(reader, "'auto_map'", own["AutoModelForCausalLM"], what)


def _refuse_mixed_layers(reader: ConfigReader) -> None:
    kinds = reader.contents.get("layer_types")
    if kinds is None or owns(reader, "layer_types"):
        return
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise AhasdError(f"{reader.origin}: field 'layer_types' must be a list of names, not {kinds!r}")
    different = sorted(set(kinds))
    if reader.contents.get("model_type") in _MIXED and set(kinds) <= {"full_attention", "sliding_attention"}:
        return
    windowed = reader.contents.get("model_type") in _WINDOWED and reader.contents.get("sliding_window")
    if different not in ([], ["full_attention"]) and not (windowed and different == ["sliding_attention"]):
        raise _unlike(
            reader, "'layer_types'", different, "a model whose layers are not all of one kind of attention"
        )


def _is_of_family(name: str, reader: ConfigReader) -> bool:
    """Whether a class is its family's own, under whatever module; no class is."""
    family = reader.text("model_type").removesuffix("_text")
    own = _letters(_LANGUAGE_MODEL.sub("", name.split(".")[-1]))
    return name == "" or own == CLASSES.get(family, _letters(family))


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _unlike(reader: ConfigReader, field: str, value: object, what: str) -> AhasdError:
    family, shown = reader.contents.get("model_type"), repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return AhasdError(
        f"{reader.origin}: model_type '{family}' with {field} = {shown} is {what}: not supported"
    )
