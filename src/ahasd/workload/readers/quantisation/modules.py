"""Which matrices of a model the names of modules in a `quantization_config` mean."""

import re
from collections.abc import Iterable, Iterator

from ahasd.errors import AhasdError

#: What families call the module of a matrix within a layer; a fused one has the name of the whole.
_WITHIN: dict[str, tuple[str, ...]] = {
    "query": ("self_attn.q_proj", "self_attn.qkv_proj", "attn.c_attn", "self_attention.query_key_value"),
    "key": ("self_attn.k_proj", "self_attn.qkv_proj", "attn.c_attn", "self_attention.query_key_value"),
    "value": ("self_attn.v_proj", "self_attn.qkv_proj", "attn.c_attn", "self_attention.query_key_value"),
    "attention_output": ("self_attn.o_proj", "self_attn.out_proj", "attn.c_proj", "self_attention.dense"),
    "gate": ("mlp.gate_proj", "mlp.gate_up_proj"),
    "up": ("mlp.up_proj", "mlp.gate_up_proj", "mlp.c_fc", "fc1"),
    "down": ("mlp.down_proj", "mlp.c_proj", "fc2"),
    "router": ("mlp.gate", "mlp.router", "block_sparse_moe.gate"),
    "expert_gate": ("mlp.experts.0.gate_proj", "mlp.experts.gate_up_proj", "block_sparse_moe.experts.0.w1"),
    "expert_up": ("mlp.experts.0.up_proj", "mlp.experts.gate_up_proj", "block_sparse_moe.experts.0.w3"),
    "expert_down": ("mlp.experts.0.down_proj", "mlp.experts.down_proj", "block_sparse_moe.experts.0.w2"),
    "shared_gate": ("mlp.shared_expert.gate_proj", "mlp.shared_experts.gate_proj"),
    "shared_up": ("mlp.shared_expert.up_proj", "mlp.shared_experts.up_proj"),
    "shared_down": ("mlp.shared_expert.down_proj", "mlp.shared_experts.down_proj"),
    "shared_weight": ("mlp.shared_expert_gate",),
}
_LAYERS = ("model.layers", "transformer.h", "model.decoder.layers")
_OUTSIDE = {"lm_head": ("lm_head",), "embedding": ("model.embed_tokens", "transformer.wte")}

#: What makes a pattern a regular expression rather than a name.
_EXPRESSION = re.compile(r"[*+?\[\](){}|^$\\]")
#: Regular expressions at most, and letters of one (ours): files have some ten.
_MOST, _LONGEST = 256, 512


def module_names(matrix: str, layer: int | None) -> Iterator[str]:
    """What families call the module of a matrix, in a layer or outside them all."""
    if layer is None:
        yield from _OUTSIDE.get(matrix, (matrix,))
        return
    for own in _WITHIN.get(matrix, (matrix,)):
        for layers in _LAYERS:
            yield f"{layers}.{layer}.{own}"


class Modules:
    """Patterns of names, of which a module fits any.

    As in `transformers` (`should_convert_module`): a name fits from the start up to a dot, or as the end; a regular
    expression, which ``re:`` may mark, from the start up to a dot.

    Raises
    ------
    AhasdError
        An expression is none, is too long, or there are too many.
    """

    def __init__(self, patterns: Iterable[str], origin: str) -> None:
        names: list[str] = []
        expressions: list[str] = []
        for pattern in patterns:
            marked = pattern.startswith("re:")
            text = pattern.removeprefix("re:")
            (expressions if marked or _EXPRESSION.search(text) else names).append(text)
        if len(expressions) > _MOST or any(len(one) > _LONGEST for one in expressions):
            raise AhasdError(
                f"{origin}: {len(expressions)} regular expressions name modules; at most {_MOST} of at most "
                f"{_LONGEST} letters are read"
            )
        self._names, self._ends = frozenset(names), tuple(names)
        try:
            self._expressions = [re.compile(rf"(?:{one})(?:(?<=\.)|(?=\.|$))") for one in expressions]
        except re.error as error:
            raise AhasdError(
                f"{origin}: {error.pattern!r} names modules and is no regular expression"
            ) from error

    def fit(self, module: str) -> bool:
        """Whether a module is one of them."""
        parts = module.split(".")
        starts = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
        return (
            (bool(self._ends) and module.endswith(self._ends))
            or any(start in self._names for start in starts)
            or any(one.match(module) for one in self._expressions)
        )

    def fit_matrix(self, matrix: str, layer: int | None) -> bool:
        """Whether any name of a matrix's module is one of them."""
        return any(self.fit(name) for name in module_names(matrix, layer))
