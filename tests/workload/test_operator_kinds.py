"""Which kinds of operators multiply matrices, with weights or with the cache."""

from ahasd.workload.operators import OperatorKind


def test_products_have_weights_or_are_attention() -> None:
    assert {kind for kind in OperatorKind if kind.has_weights} == {"matmul", "convolution"}
    assert {kind for kind in OperatorKind if kind.is_attention} == {"score", "context"}
    assert {kind for kind in OperatorKind if kind.is_product} == {"matmul", "convolution", "score", "context"}
