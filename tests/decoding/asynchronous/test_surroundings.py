"""Where processes can be started, and what is said where they cannot."""

import json
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

from ahasd.decoding.asynchronous.link import link as link_module
from ahasd.errors import AhasdError

#: Processes, and what containers allow them: each starts several.
pytestmark = pytest.mark.slow

posix = pytest.mark.skipif(os.name != "posix", reason="wants POSIX limits")

START = """
import torch
torch.set_num_threads(1)
from ahasd.decoding import SpeculativeDecoder
from ahasd.errors import AhasdError
def decode(**models):
    options = dict(max_new_tokens=12, do_sample=False, eos_token_id=())
    with SpeculativeDecoder(method="autoregressive", **models) as alone:
        expected = alone.generate([5, 6, 7], **options).new_tokens
    models.setdefault("draft", models.get("target"))
    try:
        with SpeculativeDecoder(method="async", **models) as decoder:
            print(decoder.generate([5, 6, 7], **options).new_tokens == expected, flush=True)
    except AhasdError as error:
        print("refused:", error, flush=True)
"""


def said(folder, program, arguments=(), **options):
    """What a script says."""
    if "input" not in options:
        (folder / "script.py").write_text(program)
        arguments = [str(folder / "script.py"), *arguments]
    done = subprocess.run(
        [sys.executable, *arguments], text=True, capture_output=True, timeout=120, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_program_from_stdin_is_told_to_become_a_file(tmp_path):
    text = said(tmp_path, "", ["-"], input=START + "decode()\n")
    assert "refused: asynchronous decoding" in text
    assert "Save it as a file" in text


def test_a_daemonic_process_is_told_so(tmp_path):
    program = START + (
        "if __name__ == '__main__':\n"
        "    import multiprocessing\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        pool.apply(decode)\n"
    )
    assert "it is a daemon of multiprocessing" in said(tmp_path, program)


@posix
def test_a_deep_model_needs_few_descriptors(tmp_path):
    """Of 34 layers there are 313 tensors; a limit of 48 files is far below what each of them would take."""
    program = START + (
        "if __name__ == '__main__':\n"
        "    import resource, transformers\n"
        "    config = transformers.LlamaConfig(vocab_size=61, hidden_size=16, intermediate_size=24,\n"
        "        num_hidden_layers=34, num_attention_heads=2, max_position_embeddings=64)\n"
        "    model = transformers.LlamaForCausalLM(config).eval()\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (48, 48))\n"
        "    decode(target=model)\n"
    )
    assert said(tmp_path, program) == "True\n"


def test_a_model_that_brings_code_runs_where_it_may(tmp_path):
    from ahasd.decoding.tiny_pair import target_path

    folder = tmp_path / "own code"
    shutil.copytree(target_path(), folder)
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoModelForCausalLM": "modeling_own.Own"}
    (folder / "config.json").write_text(json.dumps(config))
    # Not what the lean forward computes, so that the worker has to import this class.
    (folder / "modeling_own.py").write_text(
        "import transformers\n"
        "class Own(transformers.LlamaForCausalLM):\n"
        "    def forward(self, *inputs, **options):\n"
        "        outputs = super().forward(*inputs, **options)\n"
        "        outputs.logits = outputs.logits.flip(-1)\n"
        "        return outputs\n"
    )
    program = START + (
        "if __name__ == '__main__':\n    import sys\n    decode(target=sys.argv[1], trust_remote_code=True)\n"
    )
    environment = os.environ | {"HF_HOME": str(tmp_path / "cache")}
    (tmp_path / "script.py").write_text(program)
    assert said(tmp_path, program, [str(folder)], env=environment) == "True\n"


def test_shared_memory_without_room_is_refused_and_not_a_bus_error(monkeypatch, tmp_path):
    state = namedtuple("State", "f_bavail f_frsize")
    monkeypatch.setattr(link_module, "SHARED_MEMORY", str(tmp_path))
    monkeypatch.setattr(os, "statvfs", lambda path: state(16, 4096))
    sizes = link_module.BoardSizes(text=4096, ring=32, vocabulary=151_936)
    with pytest.raises(AhasdError, match=r"needs 18\.6 MiB of shared memory.*0\.1 MiB left.*--shm-size"):
        link_module.SharedBoards(None, sizes)


def test_without_distributions_shared_memory_is_small():
    assert link_module.BoardSizes(text=4096, ring=32, vocabulary=0).offsets()[-1] < 20_000


def test_the_programs_of_this_test_import_the_code_under_test(tmp_path):
    import ahasd

    assert said(tmp_path, "import ahasd; print(ahasd.__file__)").strip() == str(Path(ahasd.__file__))
