"""Where the store is unless a command says otherwise."""

import os
import sys
from pathlib import Path

#: Names the store's file.
VARIABLE = "AHASD_STORE"


def default_store() -> Path:
    """The file that the environment names, or one in the user's folder for caches."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    home = Path(os.path.expanduser("~"))  # unlike Path.home(), never an error
    if sys.platform == "darwin":
        caches = home / "Library" / "Caches"
    elif sys.platform == "win32":
        caches = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        caches = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return caches / "ahasd" / "store.sqlite"
