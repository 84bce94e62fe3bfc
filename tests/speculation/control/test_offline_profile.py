"""With what TVC's tables start: profiles of single tokens, and of longer tasks where a line does not go through zero.

The prompt has 8 tokens, and 64 are asked for; a cycle of either side is 10 ps.
"""

import pytest

from ahasd.speculation.asynchronous import Asynchronous

PROMPT, TEXT = 8, 64


def tables(setting_of, model):
    made = setting_of(
        lambda width, context: 100 * width + 10 * context,
        lambda width, context: 2000 + 100 * width + 10 * context,
        lambda width, context: 300 + 50 * width + 10 * context,
        edc=True,
        tvc=True,
        tvc_options={"latency_model": model},
    )
    tvc = Asynchronous(made.machine, made.system)._tvc()
    return tvc.npu_verifications, tvc.pim_drafts, tvc.pim_preverifications


def test_the_paper_s_model_starts_from_one_token_behind_the_prompt(setting_of) -> None:
    """Seven of the prompt's tokens are in the caches; a verification's length is all eight."""
    verifications, drafts, preverifications = tables(setting_of, "proportional")
    assert (len(verifications), len(drafts), len(preverifications)) == (1, 1, 1)
    assert verifications.predict(PROMPT) == pytest.approx(210 + 7)
    assert drafts.predict(1) == pytest.approx(10 + 7)
    assert preverifications.predict(1) == pytest.approx(35 + 7)


def test_lines_start_from_two_lengths(setting_of) -> None:
    """Of the text's end, and of four tokens: as many draft steps, and one pass over them."""
    verifications, drafts, preverifications = tables(setting_of, "affine")
    assert verifications.predict(PROMPT) == pytest.approx(210 + 7)
    assert verifications.predict(PROMPT + TEXT) == pytest.approx(210 + PROMPT + TEXT - 1)
    assert [drafts.predict(tokens) for tokens in (1, 4)] == pytest.approx([17, 4 * 17])
    assert [preverifications.predict(tokens) for tokens in (1, 4)] == pytest.approx([42, 50 + 7])
