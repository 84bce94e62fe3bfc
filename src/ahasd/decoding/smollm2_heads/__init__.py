"""What guesses for SmolLM2-135M-Instruct from its own states, without any of its weights.

Trained by ``scripts/train_smollm2_heads.py`` on what SmolLM2-135M-Instruct (Hugging Face TB, Apache-2.0) wrote and
thought of it, so it derives from that model and is under the same licence. A draft of one layer (``one_layer``) and
Medusa heads (``medusa``) share the target's embeddings and output rows, which come with the package of the target
(``make models``); their ``training.json`` say how good they are.
"""
