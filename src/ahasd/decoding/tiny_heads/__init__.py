"""What guesses for the tiny target from its own states: a draft of one layer, and Medusa heads.

Trained by ``scripts/train_tiny_heads.py`` on what the target wrote behind pieces of the files that it was trained on;
their ``training.json`` say how good they are behind pieces of held-out ones.
"""
