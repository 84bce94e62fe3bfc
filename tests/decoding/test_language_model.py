"""Loading models from folders."""

import pytest
from transformers.utils import logging

from ahasd.decoding.models.language_model import load_language_model
from ahasd.decoding.speculative_decoder import SpeculativeDecoder
from ahasd.decoding.tiny_pair import draft_path, target_path


@pytest.mark.parametrize("shown", [True, False])
def test_loading_is_silent_and_leaves_the_users_setting_alone(capfd, shown):
    before = logging.is_progress_bar_enabled()
    (logging.enable_progress_bar if shown else logging.disable_progress_bar)()
    try:
        load_language_model(target_path())
        SpeculativeDecoder(target_path(), draft_path(), algorithm="fixed:2").close()
        assert logging.is_progress_bar_enabled() == shown
    finally:
        (logging.enable_progress_bar if before else logging.disable_progress_bar)()
    assert capfd.readouterr().err == ""
