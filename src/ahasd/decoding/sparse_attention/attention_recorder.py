"""Which pages a real run chose, step by step, as a trace that the simulator replays."""

import numpy as np
import numpy.typing as npt

from ahasd.decoding.sparse_attention.paged_heads import PagedHeads
from ahasd.decoding.sparse_attention.sparse_runner import SparseRunner
from ahasd.traces.attention.header import AttentionHeader
from ahasd.traces.attention.trace import AttentionTrace


class AttentionRecorder:
    """Looks at a runner after every step behind its prompt; of one text.

    Parameters
    ----------
    runner
        Its split, paging and sharing are those of the trace.
    """

    def __init__(self, runner: SparseRunner) -> None:
        self._runner = runner
        self._steps: list[list[list[npt.NDArray[np.int64]]]] = []
        self._contexts: list[int] = []
        self._bytes: list[int] = []
        self._dense: list[int] = []

    def take(self) -> None:
        """Take down the last step."""
        self._contexts.append(self._runner.length)
        self._bytes.append(self._runner.bytes_read)
        self._dense.append(self._runner.dense_bytes)
        self._steps.append([self._layer(layer) for layer in range(len(self._runner.stores))])

    @property
    def bytes_read(self) -> float:
        """Of keys, values and bounds, by a step in the mean; 0 without a step."""
        return sum(self._bytes) / max(1, len(self._bytes))

    @property
    def dense_bytes(self) -> float:
        """What a dense step reads at the same contexts, in the mean."""
        return sum(self._dense) / max(1, len(self._dense))

    def trace(self, header: AttentionHeader) -> AttentionTrace | None:
        """Put the steps together; None where there were none."""
        if not self._steps:
            return None
        most = max(len(pages) for step in self._steps for layer in step for pages in layer)
        shape = (len(self._steps), len(self._steps[0]), len(self._steps[0][0]), most)
        chosen = np.full(shape, -1, np.int32)
        for step, layer, row in np.ndindex(*shape[:3]):
            pages = self._steps[step][layer][row]
            chosen[step, layer, row, : len(pages)] = pages
        return AttentionTrace(
            header,
            chosen,
            np.array(self._contexts, np.int32),
            self._runner.settings.split.classes.astype(np.uint8),
            np.array([0, len(self._steps)], np.int32),
        )

    def _layer(self, layer: int) -> list[npt.NDArray[np.int64]]:
        """Pages of every list of a layer; none of heads that choose none."""
        settings = self._runner.settings
        each = 1 if settings.sharing == "shared" else self._runner.group
        found = [np.empty(0, np.int64) for _ in range(settings.split.heads * each)]
        for store in self._runner.stores[layer]:
            if isinstance(store, PagedHeads):
                for place, head in enumerate(store.heads):
                    found[head * each : (head + 1) * each] = store.chosen[place * each : (place + 1) * each]
        return found
