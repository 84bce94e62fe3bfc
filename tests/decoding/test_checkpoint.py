"""What is kept of a recording while it runs."""

import sqlite3

import numpy as np
import pytest

from ahasd.decoding.recording.checkpoint import Checkpoint, prompts_digest, weights_digest
from ahasd.errors import AhasdError

ROWS = {"entropy": np.arange(6, dtype=np.float16).reshape(2, 3)}


def test_rows_of_a_prompt_are_given_back(tmp_path):
    path = tmp_path / "kept.db"
    with Checkpoint(path, {"draft": "d"}) as kept:
        assert kept.get(4) is None
        kept.put(4, ROWS)
    with Checkpoint(path, {"draft": "d"}) as kept:
        assert kept.get(5) is None
        np.testing.assert_array_equal(kept.get(4)["entropy"], ROWS["entropy"])


def test_rows_that_were_altered_are_not_given_back(tmp_path):
    path = tmp_path / "kept.db"
    with Checkpoint(path, {}) as kept:
        kept.put(4, ROWS)
    database = sqlite3.connect(path)
    (tensors,) = database.execute("SELECT tensors FROM rows").fetchone()
    for altered in (tensors[:-1] + bytes([tensors[-1] ^ 1]), "text", None, 3):
        database.execute("UPDATE rows SET tensors = ?", (altered,))
        database.commit()
        with Checkpoint(path, {}) as kept, pytest.raises(AhasdError, match="rows of prompt 4 were altered"):
            kept.get(4)
    database.execute("UPDATE identity SET fields = '[['")
    database.commit()
    database.close()
    with pytest.raises(AhasdError, match="is not valid JSON"):
        Checkpoint(path, {})


def test_a_recording_goes_on_with_its_own_arguments_only(tmp_path):
    path = tmp_path / "kept.db"
    with Checkpoint(path, {"draft": "d", "seed": "1"}):
        pass
    for other in ({"draft": "d", "seed": "2"}, {"draft": "d"}):
        with pytest.raises(AhasdError, match=r"another recording \(another seed\)"):
            Checkpoint(path, other)
    with pytest.raises(AhasdError, match=r"\(another steps\)"):
        Checkpoint(path, {"draft": "d", "seed": "1", "steps": "3"})


def test_a_file_that_cannot_be_used_says_why(tmp_path):
    with pytest.raises(AhasdError, match=r"kept\.db cannot be used .*make room and rights"):
        Checkpoint(tmp_path / "absent" / "kept.db", {})
    (tmp_path / "text.db").write_text("no database " * 100, encoding="utf-8")
    with pytest.raises(AhasdError, match=r"text\.db cannot be used"):
        Checkpoint(tmp_path / "text.db", {})
    with Checkpoint(tmp_path / "kept.db", {}) as kept:
        with pytest.raises(AhasdError, match="in use: another process"):
            Checkpoint(tmp_path / "kept.db", {})
        kept.put(1, ROWS)
        with pytest.raises(AhasdError, match=r"kept\.db cannot be used"):
            kept.put(1, ROWS)
    with pytest.raises(AhasdError, match="cannot be used"):
        kept.get(1)  # it is closed


def test_prompts_and_weights_are_told_apart(small_models):
    assert prompts_digest([[1, 2], [3]]) == prompts_digest(([1, 2], (3,)))
    assert len({prompts_digest(prompts) for prompts in ([[1, 2], [3]], [[1], [2, 3]], [[1, 2, 3]], [])}) == 4
    model, other = small_models.random_model(seed=1), small_models.random_model(seed=2)
    assert weights_digest(model) == weights_digest(small_models.random_model("other name", seed=1))
    assert weights_digest(model) != weights_digest(other)
    before = weights_digest(model)
    model.model.lm_head.weight.data[0, 0] += 1
    assert weights_digest(model) != before
