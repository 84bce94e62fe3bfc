"""A decoder that was made before a fork, as a server does that loads its program first."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
import os, torch
torch.set_num_threads(2)
from ahasd.decoding import SpeculativeDecoder
from ahasd.errors import AhasdError
decoder = SpeculativeDecoder()
expected = decoder.generate([5, 6, 7] * 20, max_new_tokens=20).new_tokens
fork = os.fork()
if fork:
    os.waitpid(fork, 0)
    print(decoder.generate([5, 6, 7] * 20, max_new_tokens=20).new_tokens == expected)
else:
    try:
        decoder.generate([5, 6, 7], max_new_tokens=3)
    except AhasdError as error:
        print(error, flush=True)
    torch.set_num_threads(1)
    print(decoder.generate([5, 6, 7] * 20, max_new_tokens=20).new_tokens == expected, flush=True)
    os._exit(0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_is_told_that_it_has_no_threads_and_decodes_on_one():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True
    )
    said, in_fork, in_parent = done.stdout.splitlines()
    assert "cannot be used in its fork" in said
    assert "torch.set_num_threads(1) in the fork" in said
    assert (in_fork, in_parent) == ("True", "True")
