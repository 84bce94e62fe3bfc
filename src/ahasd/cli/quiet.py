"""Whether the command line keeps to results and errors (``ahasd --quiet``)."""

_QUIET = [False]


def set_quiet(quiet: bool) -> None:
    """Say for this process whether progress and names of written files are shown."""
    _QUIET[0] = quiet


def is_quiet() -> bool:
    """Whether only results and errors are to be shown."""
    return _QUIET[0]
