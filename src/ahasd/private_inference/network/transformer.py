"""A transformer block and BERT-base as private networks."""

from ahasd.private_inference.network.layer import Layer, Network
from ahasd.private_inference.protocols.product import Shape

_NOTE = (
    "ReLU in place of softmax and GELU, and norms left out: their protocols are not modelled here, so that this is "
    "a lower bound of what such a model sends."
)


def _block(name: str, tokens: int, width: int, heads: int, inner: int) -> list[Layer]:
    """The six products of a block; both operands of attention's two are shared."""
    per_head = width // heads
    values, scores = tokens * width, heads * tokens * tokens
    return [
        Layer(f"{name}.qkv", Shape(3 * width, width, tokens), values, keeps_input=True, relu=False),
        Layer(f"{name}.scores", Shape(tokens, per_head, tokens, heads), 2 * values, shared=True),
        Layer(
            f"{name}.context",
            Shape(tokens, tokens, per_head, heads),
            scores + values,
            relu=False,
            shared=True,
        ),
        Layer(f"{name}.output", Shape(width, width, tokens), values, adds_kept=True, relu=False),
        Layer(f"{name}.up", Shape(inner, width, tokens), values, keeps_input=True),
        Layer(f"{name}.down", Shape(width, inner, tokens), tokens * inner, adds_kept=True, relu=False),
    ]


def transformer_block(tokens: int = 128, width: int = 768, heads: int = 12, inner: int = 3072) -> Network:
    """One block, of BERT-base's size unless said otherwise."""
    layers = tuple(_block("block", tokens, width, heads, inner))
    return Network("transformer-block", f"a transformer block, {tokens} tokens of {width}", layers, _NOTE)


def bert_base(tokens: int = 128) -> Network:
    """BERT-base (Devlin et al., 2019) with two classes; tokens are looked up by a product with one-hot rows."""
    width, heads, inner, vocabulary = 768, 12, 3072, 30522
    layers = [
        Layer("embedding", Shape(width, vocabulary, tokens), vocabulary * tokens, relu=False, one_hot=True)
    ]
    for block in range(12):
        layers += _block(str(block + 1), tokens, width, heads, inner)
    layers.append(Layer("pooler", Shape(width, width, 1), width))
    layers.append(Layer("classes", Shape(2, width, 1), width, relu=False))
    return Network("bert-base", f"BERT-base, {tokens} tokens", tuple(layers), _NOTE)
