import pytest


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
