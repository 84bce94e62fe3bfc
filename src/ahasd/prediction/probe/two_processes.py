"""What two processes that both stream weights cost each other."""

from collections.abc import Callable
from multiprocessing.connection import Connection
from statistics import median
from time import perf_counter

from ahasd.decoding.asynchronous.workers.starting import start_beyond_ctrl_c
from ahasd.decoding.backend import torch
from ahasd.errors import AhasdError
from ahasd.prediction.probe.decoder_chain import ChainShape, DecoderChain

#: For the other process to come up: twice what loading torch took on a slow, busy machine (ours).
PATIENCE_S = 120.0

#: Passes that a time is the median of, at least (ours).
LEAST_PASSES = 5


def slowdown(shape: ChainShape, device: str, threads: int, seconds: float) -> float:
    """Time of a pass of one row while another process runs such passes, over that alone.

    Parameters
    ----------
    threads
        Of torch, in each process.
    seconds
        For each of the two measurements.

    Raises
    ------
    AhasdError
        The other process does not come up.
    """
    chain = DecoderChain(shape, device)
    alone = _pass_seconds(chain, seconds)
    context = torch.multiprocessing.get_context("spawn")
    pipe, other_end = context.Pipe()
    process = context.Process(
        target=_run_meanwhile, args=(other_end, shape, device, threads), name="ahasd-probe", daemon=True
    )
    start_beyond_ctrl_c(process)
    other_end.close()
    try:
        _wait(pipe)
        return _pass_seconds(chain, seconds) / alone
    finally:
        pipe.close()
        process.terminate()
        process.join()


def _pass_seconds(chain: DecoderChain, seconds: float) -> float:
    chain.forward(1)
    began, times = perf_counter(), list[float]()
    while len(times) < LEAST_PASSES or perf_counter() - began < seconds:
        started = perf_counter()
        chain.forward(1)
        times.append(perf_counter() - started)
    return median(times)


def _wait(pipe: Connection) -> None:
    """Wait until the other process is at work."""
    try:
        if pipe.poll(PATIENCE_S):
            pipe.recv()
            return
    except (EOFError, ConnectionResetError) as error:
        raise AhasdError(
            "the second process of the probe ended before it was ready (out of memory?)"
        ) from error
    raise AhasdError(
        f"the second process of the probe was not ready after {PATIENCE_S:.0f} s; is the machine busy?"
    )


def _run_meanwhile(pipe: Connection, shape: ChainShape, device: str, threads: int) -> None:
    """Be the other process: run passes until the pipe is closed."""
    torch.set_num_threads(threads)
    chain = DecoderChain(shape, device)
    run: Callable[[int], object] = chain.forward
    run(1)
    try:
        pipe.send(None)
        while not pipe.poll():
            run(1)
    except (EOFError, BrokenPipeError, ConnectionResetError, KeyboardInterrupt):
        return  # nobody measures any more
