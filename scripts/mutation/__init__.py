"""Parts of ``scripts/mutate.py``: what can be changed, which places are drawn, and whether the tests notice."""
