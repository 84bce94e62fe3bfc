"""Text from outside on its way to people: what would steer a terminal or forge a line is shown, not obeyed.

Headers of traces, names of models and files, and errors of libraries hold whatever someone wrote into them. Whatever
lays text out puts it through :func:`one_line` where it must stay in its line, and all that is printed or written goes
through :func:`printable` last.
"""

import re

#: Control characters but for tab and newline, the marks of direction and their like that are not seen (Unicode's
#: categories Cc and, of Cf, those that change the order of what is shown), line and paragraph separators, and lone
#: surrogates, which stand for bytes of a file name that are not UTF-8 and cannot be written.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_STEERING_OR_BREAK = re.compile(f"[\t\n{_STEERING.pattern[1:]}")


def printable(text: str) -> str:
    r"""Show what steers a terminal as an escape (``\x1b``); tabs and newlines stay."""
    return _STEERING.sub(_escape, text)


def one_line(text: str) -> str:
    r"""Show also tabs and newlines as escapes (``\n``), so that the text cannot begin a line of its own."""
    return _STEERING_OR_BREAK.sub(_escape, text)


def json_safe(text: str) -> str:
    r"""Give JSON, in which such characters may stand in strings only, with JSON's own escapes (``\u001b``)."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
