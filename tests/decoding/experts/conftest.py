import importlib.util

import pytest

# The core works without torch; so do its tests.
if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def mixtures():
    """The helper module beside this file, which wants torch."""
    from . import mixtures

    return mixtures


@pytest.fixture(scope="session")
def mixtral(mixtures, tmp_path_factory):
    """The folder of a random mixture of Mixtral's layout: 3 layers of 6 experts, two chosen."""
    return mixtures.save_mixture(tmp_path_factory.mktemp("models") / "mixtral")


@pytest.fixture(autouse=True, scope="session")
def _quiet():
    import transformers

    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
