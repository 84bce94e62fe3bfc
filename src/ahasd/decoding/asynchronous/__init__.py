"""Draft and target at the same time, each in a process of its own (AMUSD, arXiv 2410.17375, made dependable)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ahasd.decoding.asynchronous.asynchronous_decoder import AsynchronousDecoder
    from ahasd.decoding.asynchronous.workers.failures import WorkerError

__all__ = ["AsynchronousDecoder", "WorkerError"]


def __getattr__(name: str) -> Any:
    # Workers import modules of this package, and do without transformers, which the decoder needs.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ahasd.decoding.asynchronous import asynchronous_decoder
    from ahasd.decoding.asynchronous.workers import failures

    return getattr(failures if name == "WorkerError" else asynchronous_decoder, name)
