import pytest


@pytest.fixture(scope="session")
def schedules():
    """The helper module beside this file, which wants torch."""
    from . import schedules

    return schedules
