"""The hardware needs amaranth, of the extra `rtl`; without it nothing here is collected."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("amaranth") else ["test_*.py"]
