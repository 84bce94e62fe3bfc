"""A first-order Markov model over several rows, and decoders made of it: their distributions are known."""

import torch

from ahasd.decoding.batched.batch_decoder import BatchDecoder
from ahasd.decoding.batched.drafting.model_drafts import ModelDrafts
from ahasd.decoding.batched.passes.batched_runner import BatchedRunner
from ahasd.decoding.batched.passes.timed_passes import TimedPasses
from ahasd.speculation.drafting.specification import parse_algorithm


class TableRows(BatchedRunner):
    """Logits depend on the last token alone; the cache is the tokens."""

    def __init__(self, logits, context_limit=None):
        self.name, self.context_limit, self.end_tokens = "table", context_limit, frozenset()
        self.table = torch.as_tensor(logits, dtype=torch.float32)
        self.vocabulary_size = len(self.table)
        self.device, self.dtype = self.table.device, torch.float32
        self.cached = [[]]

    @property
    def lengths(self):
        return tuple(map(len, self.cached))

    def start(self, rows):
        self.cached = [[] for _ in range(rows)]

    def forward(self, fed):
        assert [each.row for each in fed] == sorted({each.row for each in fed})
        behind = []
        for each in fed:
            assert len(each.tokens) > 0
            self.cached[each.row] += each.tokens
            assert self.context_limit is None or len(self.cached[each.row]) <= self.context_limit
            behind += each.tokens[len(each.tokens) - each.wanted :]
        return self.table[torch.tensor(behind, dtype=torch.long)]

    def cut(self, row, length):
        assert 0 <= length <= len(self.cached[row])
        del self.cached[row][length:]

    def compact(self, row, start, kept):
        self.cached[row][start:] = [self.cached[row][start + offset] for offset in kept]

    def select(self, rows):
        self.cached = [self.cached[row] for row in rows]


def table_decoder(target, draft=None, algorithm="fixed:4", context_limit=None):
    """A batch decoder of tables (vocabulary, vocabulary) of logits."""
    if draft is None:
        return BatchDecoder(TimedPasses(TableRows(target)), None, "autoregressive")
    spec = parse_algorithm(algorithm)
    drafts = ModelDrafts(TimedPasses(TableRows(draft, context_limit)), spec, len(target))
    return BatchDecoder(TimedPasses(TableRows(target)), drafts, "speculative", algorithm)
