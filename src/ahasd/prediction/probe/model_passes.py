"""Passes of a model that transformers can load."""

from pathlib import Path

from ahasd.decoding.models.build_runner import build_runner
from ahasd.decoding.models.model_sources import take_model
from ahasd.errors import AhasdError


class ModelPasses:
    """A model behind a context.

    Parameters
    ----------
    folder
        Of the model.
    context
        Tokens in the cache before every pass.
    widest
        The widest pass that is asked for.

    Raises
    ------
    AhasdError
        It cannot be loaded, or has no room for context and pass.
    """

    def __init__(self, folder: Path, context: int, widest: int) -> None:
        model = take_model(folder, "target", None, None)
        self._runner = build_runner(model)
        self.name = model.name
        limit = self._runner.context_limit
        if limit is not None and context + widest > limit:
            raise AhasdError(
                f"{self.name} has room for {limit} tokens, not for a context of {context} and {widest} rows; give a "
                "shorter --context or narrower --widths"
            )
        self._context = context
        size = self._runner.vocabulary_size
        self._tokens = [(1 + 7919 * index) % size for index in range(max(context, widest))]
        if context:
            self._runner.forward(self._tokens[:context], rows=0)

    def forward(self, rows: int) -> None:
        """Pass so many rows behind the context."""
        self._runner.roll_back(self._context)
        self._runner.forward(self._tokens[:rows])
