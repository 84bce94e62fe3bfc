"""Who runs the workers."""

from enum import StrEnum


class Engine(StrEnum):
    """Processes of this machine, or Dask."""

    LOCAL = "local"
    DASK = "dask"
