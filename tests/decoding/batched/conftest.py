import importlib.util

import pytest

# The core works without torch; so do its tests.
if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def tables():
    """The helper module beside this file, which wants torch."""
    from . import table_rows

    return table_rows
