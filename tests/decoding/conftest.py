import importlib.util

import pytest

# The core works without torch; so do its tests.
if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session", autouse=True)
def _on_one_thread():
    import torch

    # Tests run side by side; two threads each would only wait for one another.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def pair():
    from ahasd.decoding.tiny_pair import load_tiny_pair

    return load_tiny_pair("distilled")


@pytest.fixture(scope="session")
def target(pair):
    return pair[0]


@pytest.fixture(scope="session")
def draft(pair):
    return pair[1]


@pytest.fixture(scope="session")
def small_models():
    """The helper module beside this file, which wants torch."""
    from . import small_models

    return small_models
