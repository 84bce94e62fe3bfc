"""What parts of a result have in common."""

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """A part of a result."""

    model_config = ConfigDict(extra="forbid", frozen=True)
