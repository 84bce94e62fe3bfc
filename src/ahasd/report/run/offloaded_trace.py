"""What a run with experts on disk did, pass by pass, in the form of the simulator's timeline."""

from typing import TYPE_CHECKING, Any

from ahasd.report.run.chrome_trace import complete, counter, trace_document, track_names

if TYPE_CHECKING:
    from ahasd.decoding.experts.offloaded_run import OffloadedRun

_PICOSECONDS_PER_SECOND = 1e12


def offloaded_trace(run: "OffloadedRun") -> dict[str, Any]:
    """Passes of the model, hits of the cache, and bytes read; microseconds since the first pass began."""
    events = track_names(["processor"])
    for place, one in enumerate(run.passes):
        details = {
            "tokens": one.tokens,
            "waited_us": one.seconds_waited * 1e6,
            "hits": one.hits,
            "misses": one.misses,
            "bytes_read": one.bytes_read,
        }
        name = "pass" if place else "prefix"
        events.append(complete(1, name, name, one.start_s * 1e6, one.seconds * 1e6, details))
        when = round(one.start_s * _PICOSECONDS_PER_SECOND)
        if one.hits + one.misses:
            events.append(counter("cache hits", when, "value", one.hits / (one.hits + one.misses)))
        events.append(counter("read", when, "bytes", one.bytes_read))
    return trace_document(events)
