"""Two real processes: the text is the target's own, whatever the algorithm, and nothing is left behind."""

import copy
import multiprocessing
import os
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.specification import parse_algorithm

PROMPTS = ("import os\n\ndef main(self):\n    return", "class Parser:\n    def __init__(self, text):\n")
LONG = 200
"""Tokens that the tiny pair has context for, behind these prompts."""
ALGORITHMS = ("fixed:1", "fixed:4", "svip", "adaedl", "banditspec-ucb", "banditspec-exp3", "specdecpp")


def request(tokens=40, **fields):
    from ahasd.decoding.request import GenerationRequest

    return GenerationRequest(max_new_tokens=tokens, **{"eos_token_id": ()} | fields)


@pytest.fixture(scope="module")
def prompts(target):
    return [target.tokenizer(text)["input_ids"] for text in PROMPTS]


@pytest.fixture(scope="module")
def alone(target):
    """The target alone."""
    from ahasd.decoding.autoregressive import AutoregressiveDecoder
    from ahasd.decoding.models.build_runner import build_runner

    return AutoregressiveDecoder(build_runner(target), target.tokenizer)


@pytest.fixture(scope="module")
def decoder(target, draft):
    """One for the module: processes take seconds to start."""
    from ahasd.decoding.asynchronous import AsynchronousDecoder

    with_head = parse_algorithm("specdecpp")
    decoder = AsynchronousDecoder(target, draft, with_head)
    yield decoder
    decoder.close()


@pytest.fixture(scope="module")
def slow_decoder(target, draft):
    """One whose text takes a second or two, long enough to do something to it meanwhile."""
    from ahasd.decoding.asynchronous import AsynchronousDecoder

    decoder = AsynchronousDecoder(target, draft, parse_algorithm("adaedl"), max_ahead=3, target_seconds=0.04)
    yield decoder
    decoder.close()


@pytest.fixture
def using(decoder):
    """Sets what the workers are told with each request."""

    def use(algorithm="adaedl", control=None, coverage="pending"):
        decoder._algorithm_spec, decoder._control = parse_algorithm(algorithm), control
        decoder._coverage = coverage
        decoder._start()  # another test may have ended the workers
        return decoder

    return use


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def cpu_seconds(decoder):
    """What the workers have computed so far."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in decoder.processes]
    return [(int(field[11]) + int(field[12])) / os.sysconf("SC_CLK_TCK") for field in fields]


def shared_memory(pid="self"):
    """Files of shared memory that a process has mapped (Linux; none elsewhere)."""
    maps = Path(f"/proc/{pid}/maps")
    lines = maps.read_text().splitlines() if maps.exists() else []
    return {
        Path(line.split(maxsplit=5)[5]) for line in lines if "/dev/shm/" in line and "(deleted)" not in line
    }


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("coverage", ["pending", "batches", "oldest"])
def test_greedy_text_is_that_of_the_target(algorithm, coverage, using, alone, prompts):
    decoder = using(algorithm, coverage=coverage)
    for prompt in prompts:
        assert list(decoder.tokens(prompt, request())) == list(alone.tokens(prompt, request()))
        metrics = decoder.metrics
        assert 0 <= metrics.in_flight <= decoder._max_ahead
        assert metrics.smallest_top2_gap == pytest.approx(alone.metrics.smallest_top2_gap, abs=1e-3)


@pytest.mark.parametrize("control", [None, "edc"])
def test_coupled_sampling_is_a_function_of_seed_and_target(control, using, alone, prompts):
    decoder = using("adaedl", control)
    for seed in range(6):
        drawn = request(60, do_sample=True, sampling="coupled", seed=seed, top_p=0.95)
        for prompt in prompts:
            assert list(decoder.tokens(prompt, drawn)) == list(alone.tokens(prompt, drawn))
    assert (decoder.record.control is None) == (control is None)


def test_edc_is_asked_after_each_batch(using, prompts):
    decoder = using("fixed:2", "edc")
    list(decoder.tokens(prompts[0], request()))
    statistics, drafted = decoder.record.control, decoder.metrics.drafted
    assert 0 < statistics.decisions <= drafted // 2
    assert statistics.judged <= statistics.decisions


def test_an_end_token_inside_a_draft_ends_the_text(using, alone, prompts):
    text = list(alone.tokens(prompts[0], request()))
    for place in (0, 7, 20):
        end = text[place]
        expected = text[: text.index(end) + 1]
        found = list(using("fixed:8").tokens(prompts[0], request(eos_token_id=(end,))))
        assert found == expected


def test_a_stop_string_ends_the_text(using, alone, prompts):
    stopped = request(stop_strings=("(",))
    assert list(using().tokens(prompts[1], stopped)) == list(alone.tokens(prompts[1], stopped))


def test_one_token_prompts_and_short_texts(using, alone, prompts):
    for tokens in (0, 1, 2, 3):
        prompt = prompts[0][:1]
        assert list(using().tokens(prompt, request(tokens))) == list(alone.tokens(prompt, request(tokens)))


def test_batches_are_no_longer_than_asked(using, alone, prompts):
    capped = request(num_assistant_tokens=1)
    decoder = using("fixed:8", coverage="oldest")
    assert list(decoder.tokens(prompts[0], capped)) == list(alone.tokens(prompts[0], capped))
    # One token is covered, and one more may pass by the logits at hand.
    assert max(decoder.metrics.accepted_histogram) <= 2


def test_a_text_may_be_given_up(slow_decoder, alone, prompts):
    stream = slow_decoder.tokens(prompts[0], request(LONG))
    first = [next(stream) for _ in range(3)]
    stream.close()
    assert first == list(alone.tokens(prompts[0], request(3)))
    assert list(slow_decoder.tokens(prompts[0], request())) == list(alone.tokens(prompts[0], request()))


def test_prompts_queue_and_wait_their_turn(using, alone, prompts):
    decoder = using()
    first, second = (decoder.tokens(prompt, request(10)) for prompt in prompts)
    start = [next(first)]
    with pytest.raises(AhasdError, match="still decoding another text"):
        next(second)
    assert start + list(first) == list(alone.tokens(prompts[0], request(10)))
    assert list(decoder.tokens(prompts[1], request(10))) == list(alone.tokens(prompts[1], request(10)))


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_whoever_waits_sleeps(slow_decoder, prompts):
    """The draft waits most of the time, the target's padding is sleep: neither may keep a core busy."""
    before, began = cpu_seconds(slow_decoder), time.monotonic()
    list(slow_decoder.tokens(prompts[0], request(LONG)))
    wall = time.monotonic() - began
    assert wall > 1.5
    for end, start in zip(cpu_seconds(slow_decoder), before, strict=True):
        assert end - start < 0.5 * wall


def test_the_pass_over_the_prompt_gives_the_first_token_and_no_other_pass_is_spent_on_it(using, prompts):
    decoder = using("fixed:2")
    for prompt in prompts:
        list(decoder.tokens(prompt, request(8)))
        for steps, rows in ((decoder.record.target_steps, 1), (decoder.record.draft_steps, 0)):
            assert (steps[0].tokens, steps[0].rows) == (len(prompt), rows)
        assert all(step.tokens == step.rows for step in decoder.record.target_steps[1:])
        assert len(decoder.record.target_steps) == decoder.metrics.verifications


def test_adjustments_of_logits_hold_on_both_sides(using, alone, prompts):
    from ahasd.decoding.rules.adjustments import Adjustments

    adjusted = request(
        40,
        adjustments=Adjustments(repetition_penalty=1.3, no_repeat_ngram_size=3, begin_suppress_tokens=(5, 6)),
    )
    decoder = using("fixed:3")
    for prompt in prompts:
        text = list(decoder.tokens(prompt, adjusted))
        assert text == list(alone.tokens(prompt, adjusted))
        assert text != list(alone.tokens(prompt, request(40)))
    assert decoder.metrics.accepted > 0


def test_a_text_longer_than_a_word_can_count_is_refused(using, monkeypatch):
    from ahasd.decoding.asynchronous import asynchronous_decoder

    monkeypatch.setattr(asynchronous_decoder, "MAX_LENGTH", 9)
    assert len(list(using().tokens([5, 6], request(9)))) == 9
    with pytest.raises(AhasdError, match="max_new_tokens is 10; asynchronously at most 9"):
        list(using().tokens([5, 6], request(10)))


def test_a_prompt_beyond_the_context_is_refused_at_once(using, prompts, target):
    with pytest.raises(AhasdError, match="needs a context"):
        using().tokens(prompts[0] * target.context_limit, request())


def strike(victim, with_signal, message, decoder, prompt):
    """Send a signal to a worker amid a text; gives who ran before. The error must come soon and name the side."""
    from ahasd.decoding.asynchronous import WorkerError

    processes = decoder.processes
    stream = decoder.tokens(prompt, request(LONG))
    next(stream)
    os.kill(processes[victim], with_signal)
    began = time.monotonic()
    with pytest.raises(WorkerError, match=message) as caught:
        list(stream)
    assert time.monotonic() - began < 5
    assert caught.value.side == ("target", "draft")[victim]
    return processes


@pytest.mark.parametrize("victim", [0, 1])
def test_a_killed_process_is_reported_and_replaced(victim, slow_decoder, alone, prompts):
    processes = strike(victim, signal.SIGKILL, "killed by SIGKILL", slow_decoder, prompts[0])
    assert not is_alive(processes[0])
    assert not is_alive(processes[1])
    assert list(slow_decoder.tokens(prompts[0], request())) == list(alone.tokens(prompts[0], request()))


@pytest.mark.slow
def test_a_killed_idle_process_is_reported_and_replaced(using, alone, prompts):
    from ahasd.decoding.asynchronous import WorkerError

    decoder = using()
    os.kill(decoder.processes[1], signal.SIGKILL)
    with pytest.raises(WorkerError, match="draft's process was killed"):
        list(decoder.tokens(prompts[0], request()))
    assert list(decoder.tokens(prompts[0], request())) == list(alone.tokens(prompts[0], request()))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "waitid"), reason="the system does not tell")
@pytest.mark.parametrize("victim", [0, 1])
def test_a_stopped_process_is_reported_and_replaced(victim, slow_decoder, alone, prompts):
    list(slow_decoder.tokens(prompts[0], request(3)))
    processes = strike(victim, signal.SIGSTOP, "was stopped", slow_decoder, prompts[0])
    assert not is_alive(processes[victim])
    assert list(slow_decoder.tokens(prompts[0], request())) == list(alone.tokens(prompts[0], request()))


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "waitid"), reason="the system does not tell")
def test_a_process_that_goes_on_at_once_is_waited_for(slow_decoder, alone, prompts, monkeypatch):
    """As after Ctrl-Z and fg."""
    from ahasd.decoding.asynchronous.workers import workers

    monkeypatch.setattr(workers, "SILENCE_SECONDS", 0.3)
    stream = slow_decoder.tokens(prompts[0], request())
    start = [next(stream)]
    os.kill(slow_decoder.processes[1], signal.SIGSTOP)
    going_on = threading.Timer(0.45, os.kill, (slow_decoder.processes[1], signal.SIGCONT))
    going_on.start()
    assert start + list(stream) == list(alone.tokens(prompts[0], request()))
    going_on.join()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_ctrl_c_does_not_reach_the_processes_from_their_first_instant_on(decoder, prompts):
    next(decoder.tokens(prompts[0], request()))  # starts them, if another test has ended them
    for pid in decoder.processes:
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line
        )
        assert int(status["SigBlk"], 16) >> (signal.SIGINT - 1) & 1


def test_distributions_are_brought_from_the_device_of_the_draft(draft, prompts):
    from ahasd.decoding.asynchronous.limits import TextLimits
    from ahasd.decoding.asynchronous.link.link import BoardSizes, Link, SharedBoards
    from ahasd.decoding.asynchronous.link.messages import Begin
    from ahasd.decoding.asynchronous.link.word import Word
    from ahasd.decoding.asynchronous.workers import draft_worker
    from ahasd.decoding.asynchronous.workers.worker_model import worker_model

    class Elsewhere(torch.Tensor):
        """As on a CUDA device: numpy cannot have it."""

        def __array__(self, *arguments, **options):
            raise TypeError("can't convert a tensor of a device to numpy")

        def numpy(self):
            raise TypeError("can't convert a tensor of a device to numpy")

        def cpu(self):
            return self.as_subclass(torch.Tensor)

    class Worker(draft_worker.DraftWorker):
        def wait(self, doorbell):
            boards.caller.publish(Word(1, 0))  # given up as soon as the ring is full

    def build_rule(*arguments):
        rule = rules.build_rule(*arguments)
        distributions = rule._distributions
        rule._distributions = lambda logits: distributions(logits).as_subclass(Elsewhere)
        return rule

    from ahasd.decoding.rules import build_rule as rules

    drawn = request(do_sample=True)
    sizes = BoardSizes(40, 4, draft.vocabulary_size)
    link = Link(multiprocessing.get_context("spawn"))
    boards = SharedBoards(link.lock, sizes)
    boards.text.publish(Word(1, 0))
    _, theirs = multiprocessing.Pipe()
    spec = parse_algorithm("fixed:2")
    begin = Begin(
        1,
        prompts[0],
        drawn,
        TextLimits(40),
        draft.vocabulary_size,
        boards.name,
        sizes,
        0,
        spec,
        None,
        "pending",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draft_worker, "build_rule", build_rule)
        Worker(theirs, link, worker_model(draft, False, 0.0)).decode(begin, boards)
    assert boards.drafts.read_word().length == 4
    for place in range(4):
        found = boards.drafts.read(place, with_probabilities=True).probabilities
        assert found.sum() == pytest.approx(1.0, abs=1e-4)
    boards.close()


def test_an_error_in_a_process_is_passed_on(using):
    from ahasd.decoding.asynchronous import WorkerError

    decoder = using("svip:calibrated")
    with pytest.raises(WorkerError, match=r"draft's process failed.*calibrated"):
        list(decoder.tokens([1], request()))


def test_a_draft_that_is_always_right_and_a_clean_end(target, alone, prompts, monkeypatch):
    from ahasd.decoding.asynchronous import AsynchronousDecoder, asynchronous_decoder

    monkeypatch.setattr(asynchronous_decoder, "FIRST_TEXT", 4)  # so that the memory has to grow
    children = set(multiprocessing.active_children())
    decoder = AsynchronousDecoder(
        target, target, parse_algorithm("fixed:3"), draft_seconds=0.002, target_seconds=0.01
    )
    for tokens in (3, 40):
        assert list(decoder.tokens(prompts[0], request(tokens))) == list(
            alone.tokens(prompts[0], request(tokens))
        )
    assert decoder.metrics.rejected == 0
    assert decoder.metrics.accepted > 20
    record = decoder.record
    assert record.emulated
    assert all(step.seconds >= 0.002 for step in record.draft_steps)
    assert all(step.seconds >= 0.01 for step in record.target_steps)
    assert len(record.target_steps) == decoder.metrics.verifications  # the prompt's gives a token as well
    memory = shared_memory(decoder.processes[0])
    assert memory or sys.platform != "linux"
    half_read = decoder.tokens(prompts[0], request(LONG))
    next(half_read)
    decoder.close()
    with pytest.raises(AhasdError, match="closed in the middle of a text"):
        list(half_read)
    decoder.close()
    assert decoder.processes is None
    with pytest.raises(AhasdError, match="closed"):
        list(decoder.tokens(prompts[0], request()))
    assert set(multiprocessing.active_children()) == children
    assert not any(path.exists() for path in memory)


@pytest.mark.slow
def test_a_draft_that_is_never_right_and_has_little_context(target, draft, alone, prompts):
    from ahasd.decoding.asynchronous import AsynchronousDecoder

    wrong = copy.deepcopy(draft.model)
    wrong.model.norm.weight.data.neg_()  # the last becomes first
    wrong.config.max_position_embeddings = len(prompts[0]) + 20
    decoder = AsynchronousDecoder(target, replace(draft, model=wrong), parse_algorithm("fixed:4"))
    try:
        assert list(decoder.tokens(prompts[0], request())) == list(alone.tokens(prompts[0], request()))
        metrics = decoder.metrics
        assert metrics.accepted == 0
        assert 10 <= metrics.rejected <= 21  # behind that the target goes on alone
        assert metrics.verifications == 40
    finally:
        decoder.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_memory_stays_flat_over_a_hundred_requests(using, prompts):
    decoder = using()
    seen = []
    for number in range(120):
        list(decoder.tokens(prompts[number % 2], request(60, do_sample=True, seed=number)))
        if number in (19, 119):
            seen.append([held_by(pid) for pid in (os.getpid(), *decoder.processes)])
    for (first_bytes, *first), (last_bytes, *last) in zip(*seen, strict=True):
        assert last_bytes - first_bytes < 4e6
        assert last == first


def held_by(pid):
    """Resident bytes, open files and shared memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE"), len(os.listdir(f"/proc/{pid}/fd")), shared_memory(pid)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize(
    "when",
    [
        "within a text",
        *(pytest.param(when, marks=pytest.mark.slow) for when in ("between texts", "and is closed there")),
    ],
)
def test_a_fork_cannot_use_the_processes_of_its_parent_and_leaves_them_alone(using, alone, prompts, when):
    decoder = using()
    expected = list(alone.tokens(prompts[0], request()))
    assert list(decoder.tokens(prompts[0], request())) == expected  # the processes run
    running = decoder.tokens(prompts[0], request())
    read = [next(running)] if when == "within a text" else []
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(20)
            if when == "and is closed there":
                decoder.close()
                os._exit(0)
            list(running if read else decoder.tokens(prompts[0], request()))
        except AhasdError as error:
            os._exit(0 if "cannot be used in its fork" in str(error) else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    # The parent goes on as if there had been none.
    assert read + list(running) == expected
    assert list(decoder.tokens(prompts[0], request())) == expected
