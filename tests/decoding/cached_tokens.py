"""What a runner without a model has for a cache."""

from ahasd.decoding.models.runner import ModelRunner


class CachedTokens(ModelRunner):
    """A runner whose cache is the tokens themselves."""

    def __init__(self):
        self.cached = []

    @property
    def length(self):
        return len(self.cached)

    def roll_back(self, length):
        assert 0 <= length <= self.length
        del self.cached[length:]
