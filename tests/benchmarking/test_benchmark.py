"""Benchmarks: the order of runs, medians, ratios within a repetition, texts compared; with made-up methods."""

from collections.abc import Sequence

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from ahasd.benchmarking.benchmark import bench, encode_prompts
from ahasd.benchmarking.contender import Contender, TextRun
from ahasd.benchmarking.dialogue import Dialogue
from ahasd.benchmarking.transformers_contenders import TransformersContender, padded_forward
from ahasd.decoding.models.emulated_latency import EmulatedLatency
from ahasd.decoding.prompts.prompt_files import Prompt
from ahasd.decoding.tiny_pair import load_tiny_pair
from ahasd.errors import AhasdError

PROMPTS = [[1, 2], [3]]


class MadeUp(Contender):
    """Takes the given seconds per text, one value per repetition (the warm-up before them), and notes its turns."""

    def __init__(
        self, method: str, seconds: list[float], turns: list[str], text: tuple[int, ...] = (7, 7)
    ) -> None:
        self.method, self._turns, self._text = method, turns, text
        self._seconds = iter([99.0] + [value for value in seconds for _ in PROMPTS])

    def run(self, prompt: Sequence[int], max_new_tokens: int) -> TextRun:
        self._turns.append(self.method)
        return TextRun(self._text, next(self._seconds), 0.5)


def test_repetitions_are_interleaved_and_the_warm_up_counts_for_nothing() -> None:
    turns: list[str] = []
    contenders = [MadeUp("autoregressive", [2, 2, 2], turns), MadeUp("other", [1, 1, 4], turns)]
    done: list[tuple[int, int]] = []
    result = bench(contenders, PROMPTS, 3, 2, lambda *position: done.append(position))
    alone, other = "autoregressive", "other"
    assert turns == [alone, other] + [alone] * 2 + [other] * 4 + [alone] * 4 + [other] * 2
    assert done == [(number, 14) for number in range(1, 15)]
    first, second = result.contenders
    assert (first.tokens, first.seconds_per_token.median) == (4, 1.0)
    assert (second.seconds_per_token.least, second.seconds_per_token.most) == (0.5, 2.0)
    # Ratios of the same repetition: 2, 2 and 1/2.
    assert second.speedup is not None
    assert (second.speedup.median, second.speedup.least) == (2.0, 0.5)
    assert second.tokens_per_second == 2.0


def test_texts_are_compared_with_those_of_the_target_alone() -> None:
    turns: list[str] = []
    odd = MadeUp("odd", [1], turns, text=(7, 8))
    result = bench([odd, MadeUp("autoregressive", [1], turns)], PROMPTS, 1, 2)
    assert result.reference == "autoregressive"
    assert [each.differing_texts for each in result.contenders] == [2, 0]
    assert not result.identical
    assert result.differing_texts == 2


def test_without_the_target_alone_there_is_no_speed_up() -> None:
    turns: list[str] = []
    result = bench([MadeUp("a", [1], turns), MadeUp("b", [1], turns)], PROMPTS, 1, 2)
    assert result.reference == "a"
    assert result.identical
    assert result.contenders[1].speedup is None


def test_a_prompt_beyond_a_models_context_is_named() -> None:
    target, draft = load_tiny_pair()
    prompts = [Prompt("1", "", ("x = 1",)), Prompt("q7", "", ("y = 2\n" * 200,))]
    with pytest.raises(AhasdError, match=r"prompt 2 \(question q7\) needs a context of \d+.*has 256"):
        encode_prompts(prompts, [target, draft], 10)
    assert len(encode_prompts(prompts[:1], [target, draft], 10)) == 1


def test_padding_a_model_lasts_as_long_as_it_is_wanted() -> None:
    target, _ = load_tiny_pair()
    model = target.model
    with padded_forward(model, 0.001):
        assert "forward" in vars(model)
    assert "forward" not in vars(model)
    with padded_forward(model, 0.0):
        assert "forward" not in vars(model)


def test_padded_generation_of_transformers_writes_the_same_and_takes_its_time() -> None:
    target, draft = load_tiny_pair()
    prompt = [5, 6, 7]
    plain = TransformersContender(target, None, EmulatedLatency()).run(prompt, 6)
    padded = TransformersContender(target, None, EmulatedLatency(0, 0.02)).run(prompt, 6)
    assisted = TransformersContender(target, draft, EmulatedLatency(0.001, 0.002)).run(prompt, 6)
    assert plain.tokens == padded.tokens == assisted.tokens
    assert padded.seconds >= 6 * 0.02
    assert padded.ttft_s is not None
    assert 0.02 <= padded.ttft_s < padded.seconds


def test_every_turn_of_a_conversation_is_a_text_behind_the_contenders_own_answers() -> None:
    target, _ = load_tiny_pair()
    seen: list[list[int]] = []

    class Listening(Contender):
        method = "autoregressive"

        def run(self, prompt: Sequence[int], max_new_tokens: int) -> TextRun:
            seen.append(list(prompt))
            return TextRun((7, 8), 1.0, None, tokens_over_time=((0.5, 1), (2.0, 2)))

    talk = Dialogue(Prompt("q", "talk", ("x", "y")), target)
    result = bench([Listening()], [talk, [3]], 2, 2)
    played = [talk.tokens([]), talk.tokens([(7, 8)]), [3]]
    assert seen == [talk.tokens([]), *played, *played]
    assert [(each.repetition, each.sample_index, each.turn) for each in result.samples] == [
        (repetition, *place) for repetition in (0, 1) for place in ((0, 0), (0, 1), (1, 0))
    ]
    assert [each.category for each in result.samples[:3]] == ["talk", "talk", ""]
    assert {each.total_time for each in result.samples} == {2.0}
    assert result.prompts == 2
