"""Documents of this room are read whole or refused, and what was read stays as it is."""

import pytest
from pydantic import BaseModel

from ..documents import can_be_changed, document_classes, takes_unknown_keys


@pytest.mark.parametrize("kind", document_classes("ahasd.workload"), ids=lambda kind: kind.__name__)
def test_a_document_has_no_unknown_keys_and_stays_as_it_was_read(kind: type[BaseModel]) -> None:
    assert takes_unknown_keys(kind) is False
    assert can_be_changed(kind) is False
