"""Hook of mkdocs: the first time that a page uses a word of the glossary, the word leads there.

Only running text counts: no headings, code, links, comments or tables, in which words are
names.
"""

import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

GLOSSARY = "glossary.md"

#: What is left as it is: blocks of code, headings, rows of tables, comments; code and links within a line; tags.
_OTHERS = re.compile(
    r"(^```.*?^```$|^#.*?$|^:::.*?$|^\|.*?$|<!--.*?-->|^---$.*?^---$|`(?:[^`\n]|\n(?!\n))*`|!?\[[^\]]*\]\([^)]*\)|<[^>\n]+>|https?://\S+)",
    re.MULTILINE | re.DOTALL,
)


def on_page_markdown(markdown: str, page: object, config: object, files: object) -> str:
    """Rewrite a page (called by mkdocs)."""
    name = page.file.src_uri  # type: ignore[attr-defined]
    text = (Path(config["docs_dir"]) / GLOSSARY).read_text(encoding="utf-8")  # type: ignore[index]
    return markdown if name == GLOSSARY else linked(markdown, words_of(text), posixpath.dirname(name))


def words_of(glossary: str) -> list[str]:
    """The words, as their headings have them."""
    return re.findall(r"^## (.+)$", glossary, re.MULTILINE)


def linked(markdown: str, words: Sequence[str], folder: str) -> str:
    """The page with links; ``folder`` is its own, below ``docs/``."""
    place = posixpath.relpath(GLOSSARY, folder or ".")
    wanted = {word.lower(): f"{place}#{word.lower().replace(' ', '-')}" for word in words}
    wanted = {word: link for word, link in wanted.items() if link not in markdown}
    if not wanted:
        return markdown
    # The longest first: a token tree is no tree.
    either = "|".join(
        r"\s".join(map(re.escape, word.split())) for word in sorted(wanted, key=len, reverse=True)
    )
    pattern = re.compile(rf"(?<![\w.-])({either})(s?)(?![\w-]|\.\w)", re.IGNORECASE)

    def instead(found: re.Match[str]) -> str:
        link = wanted.pop(re.sub(r"\s", " ", found[1].lower()), None)
        return found[0] if link is None else f"[{found[0]}]({link})"

    parts = _OTHERS.split(markdown)
    return "".join(part if number % 2 else pattern.sub(instead, part) for number, part in enumerate(parts))
