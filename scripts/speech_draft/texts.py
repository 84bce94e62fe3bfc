"""Texts to be read aloud, none of which is a tested one."""

import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

#: Words of a text.
LEAST, MOST = 6, 60

#: Characters of a clip at most, some 25 s.
MOST_CHARACTERS = 400

#: Words in a row that a text and a tested one may not share.
SHARED = 5

#: Verses, plays and lists do not read well aloud; art, foreign words and limericks less.
_LEFT_OUT = {
    "art",
    "ascii-art",
    "limerick",
    "songs-poems",
    "translate-me",
    "tao",
    "perl",
    "linuxcookie",
    "startrek",
}


def read_texts(folder: Path, tested: Sequence[str], seed: int) -> list[str]:
    """Give the texts of Debian's `fortunes`, shuffled; none shares five words in a row with a tested one.

    Parameters
    ----------
    folder
        Of the package's files.
    tested
        Transcripts of the clips that figures are stated on.
    """
    known = {gram for text in tested for gram in _grams(text)}
    files = [path for path in sorted(folder.iterdir()) if not path.suffix and path.name not in _LEFT_OUT]
    found = [text for path in files for text in _texts(path) if not known & set(_grams(text))]
    draws = random.Random(seed)
    draws.shuffle(found)
    return list(_joined(found, draws))


def _joined(texts: Sequence[str], draws: random.Random) -> Iterator[str]:
    """Put texts together to clips of many lengths: hearing takes the target as long for two seconds as for thirty."""
    together: list[str] = []
    wanted = draws.randint(LEAST, MOST)
    for text in texts:
        together.append(text)
        if sum(len(part.split()) for part in together) >= wanted:
            yield " ".join(together)[:MOST_CHARACTERS]
            together, wanted = [], draws.randint(LEAST, MOST)


def _texts(path: Path) -> Iterator[str]:
    for part in path.read_text(encoding="utf-8", errors="replace").split("\n%\n"):
        text = " ".join(re.sub(r"\n\s*--.*", "", part, flags=re.DOTALL).split())
        words = text.split()
        plain = re.fullmatch(r"[A-Za-z ,.;:'?!\"-]+", text)
        if plain and LEAST <= len(words) <= MOST and not re.search(r"\b[A-Z]{3,}\b", text):
            yield text


def _grams(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z']+", text.lower())
    return zip(*(words[start:] for start in range(SHARED)), strict=False)
