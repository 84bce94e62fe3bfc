"""The machine that most systems run on where none is named."""

#: AHASD's platform, with the PIM figures of its table read as those of the whole module, in multiply-accumulates.
DEFAULT_PRESET = "module-mac"
