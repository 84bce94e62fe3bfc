"""Kinds of text, by which acceptance differs."""

from typing import Literal, get_args

#: ``edit`` is text that repeats much of its context: rewriting a file, for instance.
Task = Literal["code", "math", "chat", "prose", "edit"]
TASKS: tuple[Task, ...] = get_args(Task)
