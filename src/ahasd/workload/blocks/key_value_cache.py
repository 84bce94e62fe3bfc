"""The cache of keys and values: given, written, counted."""

from dataclasses import dataclass
from typing import NamedTuple

from ahasd.workload.graph_builder import GraphBuilder
from ahasd.workload.operators import Operator, OperatorKind
from ahasd.workload.precision import Precision
from ahasd.workload.value import ValueKind, tensor


class KeysValues(NamedTuple):
    """Names of the values that hold keys and values; both may be the same where one value holds queries too."""

    keys: str
    values: str


@dataclass(frozen=True, slots=True)
class KeyValueCache:
    """Keys and values of the entries that later tokens attend to.

    Parameters
    ----------
    heads, head_dim
        Key-value heads, and channels of one.
    name
        What the names of its nodes and values begin with.
    """

    heads: int
    head_dim: int
    name: str = ""

    def bytes(self, entries: int, precision: Precision) -> int:
        """Bytes of so many entries."""
        return 2 * precision.kv_bytes(self.heads * self.head_dim * entries)

    def given(self, graph: GraphBuilder, entries: int) -> KeysValues:
        """Add a cache of so many entries that is given."""
        shape = (self.heads, entries, self.head_dim)
        keys, values = (
            graph.input(f"{self.name}{of}_cache", shape, graph.precision.kv_type) for of in ("key", "value")
        )
        return KeysValues(keys, values)

    def append(self, graph: GraphBuilder, new: KeysValues, entries: int) -> KeysValues:
        """Add the writing of new keys and values to a cache with room for them, where the cache is."""
        tokens, caches = graph.shape(new.values)[0], self.given(graph, entries)
        operator = Operator(
            f"{self.name}append",
            OperatorKind.APPEND,
            tokens,
            self.head_dim,
            self.head_dim,
            self.heads,
            1,
            kv_write_bytes=self.bytes(tokens, graph.precision),
            input_bytes=graph.precision.activation_bytes(2 * tokens * self.heads * self.head_dim),
        )
        written = [
            tensor(f"{cache}.appended", ValueKind.OUTPUT, graph.shape(cache), graph.precision.kv_type, cache)
            for cache in (caches.keys, caches.values)
        ]
        graph.add(operator, (new.keys, new.values, caches.keys, caches.values), *written)
        return KeysValues(written[0].name, written[1].name)
