"""Prompts for those who give none: beginnings of Python code, which the tiny pair and most models can continue."""

from ahasd.decoding.prompts.prompt_files import Prompt

_TEXTS = (
    "import os\nimport sys\n\n\ndef main(arguments):\n",
    "class Queue:\n    def __init__(self, size):\n",
    "def read_lines(path):\n    with open(path) as file:\n",
    "for name in sorted(os.listdir(folder)):\n    if name.startswith('.'):\n",
    '    def close(self):\n        """Close the file."""\n',
    "import unittest\n\n\nclass TestParser(unittest.TestCase):\n",
    "try:\n    value = int(text)\nexcept ValueError:\n",
    "def compare(left, right):\n    if left is None:\n        return False\n",
)

#: Ours.
SAMPLE_PROMPTS = tuple(Prompt(str(number), "code", (text,)) for number, text in enumerate(_TEXTS, start=1))
