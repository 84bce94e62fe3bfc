"""The draft of SmolLM2-135M-Instruct that comes with ahasd, without any of the target's weights.

Trained by ``scripts/train_smollm2_draft.py`` on what SmolLM2-135M-Instruct (Hugging Face TB, Apache-2.0) wrote and
thought of it, so it derives from that model and is under the same licence. It runs between the target's own
embeddings and output layer, which come with the package of the target (``make models``); ``training.json`` says how
good it is.
"""
