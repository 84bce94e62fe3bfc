"""SmolLM2-135M-Instruct and its draft; wants what `make models` installs."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPTS = Path(__file__).parents[2] / "scripts"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def smollm2_pair():
    from ahasd.decoding.models.language_model import load_language_model

    return load_language_model("smollm2-135m"), load_language_model("smollm2-135m-draft")


@pytest.fixture(scope="module")
def questions(smollm2_pair):
    tokenizer = smollm2_pair[0].tokenizer
    asked = ("How do owls hunt at night?", "Write a Python function median(numbers).")
    texts = [
        tokenizer.apply_chat_template(
            [{"role": "user", "content": text}], add_generation_prompt=True, tokenize=False
        )
        for text in asked
    ]
    return [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]


def test_the_file_is_the_pinned_one_and_answers():
    done = subprocess.run(
        [sys.executable, SCRIPTS / "check_models.py"], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "98 MB, dequantised to 538 MB of float32; answers 'The capital of France is Paris.<|im_end|>'" in (
        done.stdout
    )


def test_both_models_run_lean(smollm2_pair):
    from ahasd.decoding.models.build_runner import lean_weights

    assert all(lean_weights(model) is not None for model in smollm2_pair)


def test_numbers_are_split_into_digits_as_the_model_was_trained(smollm2_pair):
    assert smollm2_pair[0].tokenizer.tokenize("x =  1234") == ["x", "Ġ=", "ĠĠ", "1", "2", "3", "4"]


@pytest.mark.parametrize("algorithm", ["fixed:3", "svip", "specdecpp"])
def test_the_text_is_the_targets_own(smollm2_pair, questions, algorithm):
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder

    target, draft = smollm2_pair
    with SpeculativeDecoder(target, method="autoregressive") as decoder:
        alone = decoder.generate(questions, max_new_tokens=40).new_tokens
    with SpeculativeDecoder(target, draft, algorithm=algorithm) as decoder:
        assert decoder.generate(questions, max_new_tokens=40).new_tokens == alone


def test_a_fair_share_of_the_drafts_is_accepted(smollm2_pair, questions):
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder

    with SpeculativeDecoder(*smollm2_pair, algorithm="fixed:1") as decoder:
        metrics = decoder.generate(questions, max_new_tokens=100).metrics
    # Measured on 8,000 places and more: docs/real-pair.md.
    assert metrics.accepted > 0.25 * metrics.drafted


def test_names_are_enough(questions):
    from ahasd.decoding.speculative_decoder import SpeculativeDecoder

    with SpeculativeDecoder("smollm2-135m", algorithm="adaedl:calibrated") as decoder:
        assert decoder.target.name == "smollm2-135m"
        assert decoder.draft is not None
        assert decoder.draft.name == "smollm2-135m-draft"
        out = decoder.generate(questions[:1], max_new_tokens=8)
    assert out.sequences.dtype == torch.long


def test_generate_says_how_large_the_model_becomes():
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ahasd",
            "generate",
            "--target=smollm2-135m",
            "--prompt=I",
            "--max-new-tokens=4",
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("smollm2-135m: 98 MB, dequantised to 538 MB of float32\n")
