"""Breaking the lines of a page in Markdown: prose and lists, never tables, code or headings."""

import re
from collections.abc import Iterator
from textwrap import wrap

#: Characters of a line (ours); readers break lines themselves, differences between versions stay readable.
WIDTH = 118

_LIST_ITEM = re.compile(r"(\s*)([-*]|\d+\.)(\s+)")
_FENCE = "```"


def wrapped(page: str) -> str:
    """Break lines that are too long; a paragraph or list item without such a line stays as it is."""
    lines: list[str] = []
    for block, is_prose in _blocks(page):
        too_long = any(len(line) > WIDTH + 2 for line in block)
        lines += _rewrapped(block) if is_prose and too_long else block
    return "\n".join(lines)


def _blocks(page: str) -> Iterator[tuple[list[str], bool]]:
    """Paragraphs and list items, which are prose, and lines that are not, each with which it is."""
    block: list[str] = []
    in_code = False
    for line in page.split("\n"):
        fence = line.lstrip().startswith(_FENCE)
        other = in_code or fence or not line.strip() or line.lstrip().startswith(("|", "#", "<", ">"))
        if block and (other or _LIST_ITEM.match(line)):
            yield block, True
            block = []
        if other:
            yield [line], False
        elif line.endswith("  "):  # a break that is meant
            block.append(line)
            yield block, len(block) == 1 and len(line) > WIDTH
            block = []
        else:
            block.append(line)
        in_code = in_code != fence
    if block:
        yield block, True


def _rewrapped(block: list[str]) -> list[str]:
    """The words of a block in lines of their own."""
    item = _LIST_ITEM.match(block[0])
    first = item[0] if item is not None else block[0][: len(block[0]) - len(block[0].lstrip())]
    text = " ".join([block[0][len(first) :], *(line.strip() for line in block[1:])])
    ending = "  " if block[-1].endswith("  ") else ""
    lines = wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [*lines[:-1], lines[-1] + ending]
