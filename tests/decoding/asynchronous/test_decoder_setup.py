"""What the asynchronous decoder refuses, shares out and says before or without its processes."""

import multiprocessing
import pickle
import re
import signal

import pytest
import torch

from ahasd.errors import AhasdError
from ahasd.speculation.drafting.specification import parse_algorithm


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"draft_seconds": -1.0}, "give at least 0"),
        ({"target_seconds": float("nan")}, "give at least 0"),
        ({"max_ahead": 0}, "max_ahead is 0"),
        ({"threads": 0}, "threads is 0"),
        ({"control": "goodput"}, "unknown control 'goodput'"),
        ({"coverage": "all"}, "unknown coverage 'all'"),
    ],
)
def test_options_that_mean_nothing_are_refused_before_a_process_starts(target, draft, options, message):
    from ahasd.decoding.asynchronous import AsynchronousDecoder

    children = set(multiprocessing.active_children())
    with pytest.raises(AhasdError, match=message):
        AsynchronousDecoder(target, draft, parse_algorithm("fixed:2"), **options)
    assert set(multiprocessing.active_children()) == children


def test_a_target_whose_draft_does_not_start_is_ended(target, draft, monkeypatch):
    from ahasd.decoding.asynchronous.workers import workers as workers_module
    from ahasd.decoding.asynchronous.workers.worker_model import worker_model

    class NoDraft(workers_module.WorkerProcess):
        def __init__(self, context, side, *given):
            if side == "draft":
                raise OSError("no process left")
            super().__init__(context, side, *given)

    monkeypatch.setattr(workers_module, "WorkerProcess", NoDraft)
    children = set(multiprocessing.active_children())
    with pytest.raises(OSError, match="no process left"):
        workers_module.Workers(worker_model(target, False, 0.0), worker_model(draft, False, 0.0), 1)
    assert set(multiprocessing.active_children()) == children


@pytest.mark.parametrize(("asked", "given"), [(None, 3), (5, 5)])
def test_threads_are_as_asked_or_shared_out(asked, given, target, draft, monkeypatch):
    from ahasd.decoding.asynchronous import AsynchronousDecoder, asynchronous_decoder

    class Workers:
        def __init__(self, target, draft, threads):
            found.append(threads)

        def wait_until_ready(self):
            pass

        def end(self, by_force):
            pass

    found = []
    monkeypatch.setattr(asynchronous_decoder, "Workers", Workers)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 7)
    AsynchronousDecoder(target, draft, parse_algorithm("fixed:2"), threads=asked).close()
    assert found == [given]


def test_an_error_of_a_side_goes_through_a_pickle():
    from ahasd.decoding.asynchronous import WorkerError

    error = WorkerError("draft", "was killed by SIGKILL")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.side) == (WorkerError, str(error), "draft")


@pytest.mark.parametrize("error", [MemoryError, torch.OutOfMemoryError])
def test_running_out_of_memory_is_said(error, monkeypatch):
    from ahasd.decoding.asynchronous.link.messages import Failed
    from ahasd.decoding.asynchronous.workers.worker import run_worker

    def make(pipe, link, model):
        raise error("no room for the cache")

    monkeypatch.setattr(signal, "signal", lambda *arguments: None)
    ours, theirs = multiprocessing.Pipe()
    run_worker(make, theirs, None, None, 1)
    message = ours.recv()
    assert isinstance(message, Failed)
    assert re.match(r"ran out of memory: \S*MemoryError: no room", message.what)
