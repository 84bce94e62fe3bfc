import importlib.util
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def schedules():
    """The helper module beside this file (test files are not importable by name)."""
    path = Path(__file__).with_name("schedules.py")
    spec = importlib.util.spec_from_file_location("asynchronous_schedules", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
