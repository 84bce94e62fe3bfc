"""A result of any family, for those who need nothing of its section."""

from pydantic import ConfigDict

from ahasd.family.result import Result


class AnyResult(Result):
    """The core, and whatever a family adds, unread."""

    model_config = ConfigDict(extra="allow", frozen=True)
