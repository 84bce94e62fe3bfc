"""The rule of tokens is that of transformers' own processors."""

import pytest
import torch
from transformers import GenerationConfig
from transformers.generation.logits_process import WhisperTimeStampLogitsProcessor

from ahasd.decoding.speech.runner.token_rule import TokenRule

TEXT = 40


def texts(vocabulary):
    time = vocabulary.timestamp_begin
    return [
        [],
        [time],
        [time, TEXT],
        [time, TEXT, TEXT + 1],
        [time, TEXT, time + 50],
        [time, TEXT, time + 50, time + 50],
        [time, TEXT, time + 50, time + 60, TEXT],
    ]


def test_suppressed_tokens_never_come_and_some_not_first(target):
    vocabulary = target.vocabulary
    rule = TokenRule(vocabulary, timestamps=False)
    allowed = rule.allow(torch.zeros(2, vocabulary.size), [[], [TEXT]])
    never = {*vocabulary.suppressed, vocabulary.special("<|notimestamps|>")}
    never |= set(range(vocabulary.timestamp_begin, vocabulary.size))
    found = [set(torch.isinf(row).nonzero()[:, 0].tolist()) for row in allowed]
    assert found[0] == never | set(vocabulary.suppressed_first)
    assert found[1] == never


@pytest.mark.parametrize("seed", range(5))
def test_times_follow_the_rule_of_transformers(target, seed):
    vocabulary = target.vocabulary
    prompt = list(vocabulary.prompt("en", timestamps=True))
    config = GenerationConfig(
        no_timestamps_token_id=vocabulary.special("<|notimestamps|>"),
        eos_token_id=vocabulary.end,
        bos_token_id=vocabulary.end,
        max_initial_timestamp_index=50,
    )
    theirs = WhisperTimeStampLogitsProcessor(config, begin_index=len(prompt))
    rule = TokenRule(vocabulary, timestamps=True)
    torch.manual_seed(seed)
    for text in texts(vocabulary):
        scores = 3 * torch.randn(1, vocabulary.size)
        ours = rule.choose(scores.clone(), [text])[0]
        scores[0, list(vocabulary.suppressed)] = -torch.inf
        if not text:
            scores[0, list(vocabulary.suppressed_first)] = -torch.inf
        wanted = theirs(torch.tensor([prompt + text]), scores)
        assert ours == int(wanted.argmax())


def test_named_columns_mean_their_tokens(target):
    vocabulary = target.vocabulary
    named = torch.tensor([3, TEXT, vocabulary.end, 5])
    rule = TokenRule(vocabulary, False, named)
    logits = torch.tensor([[1.0, 2.0, 9.0, 10.0]])
    assert rule.choose(logits.clone(), [[]]) == [TEXT]  # the end does not come first, 5 is suppressed
    found = rule.likeliest(logits.clone(), [[TEXT]])[0]
    assert (found.token, found.runner_up) == (vocabulary.end, TEXT)
    assert found.probability == pytest.approx(float(torch.softmax(torch.tensor([1.0, 2.0, 9.0]), 0)[2]))
