"""Memory that loading a model has freed, and that the C library keeps for later."""

import ctypes


def give_back_freed_memory() -> None:
    """Give freed memory back to the system, where the C library can (glibc); elsewhere nothing is done.

    What a file's weights pass through on their way into a model is freed in pieces, most of which glibc keeps: beside
    SmolLM2-135M 380 MB of 1,320.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
