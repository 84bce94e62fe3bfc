import pytest

from ahasd.speculation.coverage import tokens_covered


@pytest.mark.parametrize(
    ("limit", "expected"), [(0, 5), (4, 5), (5, 5), (7, 5), (8, 8), (11, 8), (12, 12), (99, 12), (None, 12)]
)
def test_the_oldest_batch_and_whole_batches_up_to_the_limit(limit, expected):
    assert tokens_covered([5, 8, 12], limit) == expected
