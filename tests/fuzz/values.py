"""What people, scripts and damaged disks put where a value belongs."""

from random import Random
from typing import Any

#: Texts of an option or of ``--set``: ordinary, at the ends of what there is, beyond them, and of another kind.
TEXTS = (
    *("0", "1", "2", "3", "8", "0.5", "1.5", "100", "-1", "-0.0", "1e-3", "1e-6", "1e-9", "1e-300", "5e-324"),
    *("1e3", "1e6", "1e9", "1e12", "1e15", "1e18", "1e100", "1e300", "1e308", "1e400", "nan", "inf", "-inf"),
    *("1000000", "10000000", "1000000000", "9" * 25, "9" * 5000, "1_000", "0x10", "1e", "010", "١٢"),
    *(
        "",
        " ",
        "x",
        "true",
        "false",
        "null",
        "None",
        "[]",
        "{}",
        "a=b",
        "[/x]",
        "[bold]",
        "\x1b[2J",
        "a\nb",
        "é" * 300,
    ),
    *(
        "\udcff",
        "../..",
        "/dev/zero",
        "/dev/null",
        "/dev/full",
        "/",
        ".",
        "~",
        "'; --",
        "$(touch x)",
        "%s%n",
        "n" * 300,
    ),
)

#: Values of a field in YAML or JSON.
PLAIN: tuple[Any, ...] = (
    *(
        0,
        1,
        -1,
        2,
        7,
        0.5,
        -0.5,
        1e-9,
        1e-300,
        1e9,
        1e18,
        1e300,
        10**6,
        10**9,
        10**25,
        10**400,
        float("inf"),
        float("nan"),
    ),
    *(
        None,
        True,
        False,
        "",
        "x",
        "1",
        "1e9",
        "[/x]",
        "\x1b[2J",
        "a\nb",
        "n" * 300,
        "../../x",
        "/dev/zero",
        "\x00",
    ),
    *(
        [],
        {},
        [1],
        {"a": 1},
        [[[[]]]],
        {"value": 1},
        {"value": 1e300, "source": "s"},
        ["a", "b"],
        {"": None},
        "2024-99-99",
    ),
)


def text(random: Random) -> str:
    """One of the texts, or a number of any size."""
    if random.random() < 0.4:
        return f"{random.choice((1, 1, 1, -1)) * 10 ** random.uniform(-15, 15):.3g}"
    return random.choice(TEXTS)


def plain(random: Random) -> Any:
    """One of the values, or a number of any size."""
    return 10 ** random.uniform(-15, 15) if random.random() < 0.3 else random.choice(PLAIN)


def spoil_document(random: Random, document: Any) -> Any:
    """Change, add or take away one thing anywhere in a document."""
    if isinstance(document, dict) and document and random.random() < 0.85:
        key = random.choice(sorted(document, key=str))
        kind = random.random()
        if kind < 0.1:
            return {name: value for name, value in document.items() if name != key}
        if kind < 0.15:
            return document | {random.choice(TEXTS): plain(random)}
        return document | {key: spoil_document(random, document[key])}
    if isinstance(document, list) and document and random.random() < 0.85:
        place = random.randrange(len(document))
        return [*document[:place], spoil_document(random, document[place]), *document[place + 1 :]]
    return plain(random)


def spoil_bytes(random: Random, content: bytes) -> bytes:
    """Damage a file as disks, editors and copies that were cut off do."""
    kind, place = random.randrange(7), random.randrange(max(len(content), 1))
    if kind == 0:
        return content[:place]
    if kind == 1:
        return content[:place] + bytes([random.randrange(256)]) + content[place + 1 :]
    if kind == 2:
        return (
            content[:place]
            + random.choice((b"[" * 50_000, b"{" * 200, b'"' * 3, b"\x00" * 9, b"\xff\xfe", b"&a *a"))
            + content[place:]
        )
    if kind == 3:
        return content + content[place:]
    if kind == 4:
        return content[:place] + content[place + random.randrange(1, 50) :]
    if kind == 5:
        return random.choice(
            (b"", b"\n", b"null", b"[]", b"{}", b"\xff\xfe\x00", b"-", b"---\n---\n", b"9" * 5000)
        )
    return bytes(random.randrange(256) for _ in range(random.randrange(200)))
