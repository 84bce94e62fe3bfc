"""Starting a process that Ctrl-C does not reach."""

import signal
from typing import Any


def start_beyond_ctrl_c(process: Any) -> None:
    """Start a process (of multiprocessing, spawning) that SIGINT does not reach from its first instant on.

    A terminal sends Ctrl-C to every process of a command. What becomes of the workers is the caller's decision, and
    while they still import torch there is no code of ours in them that could say so; but they inherit the mask of
    the thread that starts them. (The semaphores made before have started the helper of multiprocessing, which
    sets masks of its own.)
    """
    if not hasattr(signal, "pthread_sigmask"):  # elsewhere the worker ignores the signal once it runs
        process.start()
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
