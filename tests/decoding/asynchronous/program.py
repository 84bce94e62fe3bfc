"""A user's program, started by test_programs.py; the decoder's processes import it as well, as they do any script."""

import json
import os
import sys
from multiprocessing.util import Finalize
from pathlib import Path

MODE = sys.argv[1]
IN_WORKER = __name__ == "__mp_main__"
REQUESTS = 2000


def tell_what_was_imported():
    print("transformers" in sys.modules, flush=True)


def run_out_of_memory():
    import torch

    from ahasd.decoding.models.lean_runner import LeanRunner

    forward = LeanRunner.forward

    def out_of_memory(self, tokens, rows=None):
        # The draft, in the middle of a text: further than it gets (32 tokens ahead) before the first pass has ended.
        if len(self._weights.layers) == 1 and self.length > 40:
            raise torch.OutOfMemoryError("tried to allocate 2.00 GiB")
        return forward(self, tokens, rows)

    LeanRunner.forward = out_of_memory


def resample_from_the_target():
    from ahasd.decoding.rules.sampling_rule import SamplingRule

    SamplingRule._residual = lambda self, p, q: p


if IN_WORKER and MODE == "closed":
    Finalize(None, tell_what_was_imported, exitpriority=0)
if IN_WORKER and MODE == "out of memory":
    run_out_of_memory()
if IN_WORKER and MODE == "resampled":
    resample_from_the_target()


def shared_memory(pid):
    """Files of shared memory that a process has mapped (Linux)."""
    lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
    return [line.split(maxsplit=5)[5] for line in lines if "/dev/shm/" in line and "(deleted)" not in line]


def decode():
    from ahasd.decoding.asynchronous import AsynchronousDecoder, WorkerError
    from ahasd.decoding.request import GenerationRequest
    from ahasd.decoding.tiny_pair import load_tiny_pair
    from ahasd.speculation.drafting.specification import parse_algorithm

    target, draft = load_tiny_pair()
    decoder = AsynchronousDecoder(target, draft, parse_algorithm("adaedl"), target_seconds=0.05)
    stream = decoder.tokens([5, 6, 7], GenerationRequest(max_new_tokens=250, eos_token_id=()))
    next(stream)
    files = [file for pid in (os.getpid(), *decoder.processes) for file in shared_memory(pid)]
    print(json.dumps({"workers": decoder.processes, "files": files}), flush=True)
    if MODE == "closed":
        stream.close()
        decoder.close()
    elif MODE == "out of memory":
        try:
            list(stream)
        except WorkerError as error:
            print(error, flush=True)
    elif MODE != "forgotten":
        list(stream)


def sample():
    """Second and third tokens of many texts, and their true distribution (the first comes with the prompt)."""
    import copy

    import torch

    sys.path.insert(0, str(Path(__file__).parents[2]))
    from ahasd.decoding.asynchronous import AsynchronousDecoder
    from ahasd.decoding.models.language_model import LanguageModel
    from ahasd.decoding.request import GenerationRequest
    from ahasd.speculation.drafting.specification import parse_algorithm
    from decoding.small_models import random_model, whole_logits

    target = random_model(vocabulary=5, num_hidden_layers=1)
    wrong = copy.deepcopy(target.model)
    torch.manual_seed(1)
    wrong.lm_head.weight.data += 1.0 * torch.randn_like(wrong.lm_head.weight)
    draft = LanguageModel("draft", wrong, None)
    fields = {"do_sample": True, "temperature": 2.0, "max_new_tokens": 4, "eos_token_id": ()}
    prompt, counts, accepted = [1, 2, 3], [[0] * 5 for _ in range(5)], 0

    def behind(*text):
        return (whole_logits(target, [*prompt, *text])[-1] / 2.0).double().softmax(dim=-1)

    expected = sum(
        behind()[a] * behind(a)[:, None] * torch.stack([behind(a, b) for b in range(5)]) for a in range(5)
    ).tolist()
    decoder = AsynchronousDecoder(target, draft, parse_algorithm("fixed:2"))
    for seed in range(REQUESTS):
        _, one, two, _ = decoder.tokens(prompt, GenerationRequest(seed=seed, **fields))
        counts[one][two] += 1
        accepted += decoder.metrics.accepted
    decoder.close()
    print(json.dumps({"counts": counts, "expected": expected, "accepted": accepted}), flush=True)


if __name__ == "__main__":
    sample() if MODE in ("sampled", "resampled") else decode()
