"""A draft for Whisper base behind its own encoder, without any weights of the encoder.

Trained by ``scripts/train_speech_draft.py`` from two layers of Whisper base (OpenAI, MIT) on what the model wrote of
voices of flite reading Debian's fortunes, so it derives from that model and is under the same licence.
``training.json`` says how often it agrees on voices that it was not trained on.
"""
