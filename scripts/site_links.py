"""Hook of mkdocs: a link that leads out of ``docs/`` becomes the name of the file, as the site holds no files.

The pages are also read in the repository, where such links lead somewhere.
"""

import posixpath
import re

_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)(#[^)]*)?\)")


def on_page_markdown(markdown: str, page: object, config: object, files: object) -> str:
    """Rewrite a page (called by mkdocs)."""
    folder = posixpath.dirname(page.file.src_uri)  # type: ignore[attr-defined]
    return inside_only(markdown, folder)


def inside_only(markdown: str, folder: str) -> str:
    """The page without links that lead out; ``folder`` is its own, below ``docs/``."""

    def instead(found: re.Match[str]) -> str:
        image, text, target = found[1], found[2], found[3]
        if image or "://" in target:
            return found[0]
        place = posixpath.normpath(posixpath.join("docs", folder, target))
        if place.startswith("docs/"):
            return found[0]
        return text if target.rstrip("/").endswith(text.strip("`")) else f"{text} (`{place}`)"

    return _LINK.sub(instead, markdown)
