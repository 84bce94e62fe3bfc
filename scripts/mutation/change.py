"""One change of a source text, and how it is shown."""

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """Replace the characters from ``start`` to ``end`` of a source by other ones.

    Attributes
    ----------
    line
        Where the changed expression or statement begins, from 1.
    start, end
        Offsets in the source, in characters.
    text
        What stands there afterwards.
    """

    line: int
    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """The changed source."""
        return source[: self.start] + self.text + source[self.end :]

    def before_and_after(self, source: str) -> tuple[str, str]:
        """The lines that the change touches, without it and with it, each as one line."""
        first = source.rfind("\n", 0, self.start) + 1
        last = source.find("\n", self.end)
        last = len(source) if last < 0 else last
        before = source[first:last]
        after = source[first : self.start] + self.text + source[self.end : last]
        return " ".join(before.split()), " ".join(after.split())

    def alters(self, source: str) -> bool:
        """Whether the changed source is a program, and another one."""
        changed = self.applied(source)
        try:
            return ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))
        except SyntaxError:
            return False


class Positions:
    """Offsets of the nodes of a syntax tree, which counts lines from 1 and bytes of UTF-8 from 0."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._lines = source.splitlines(keepends=True)
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line))

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Offset of a node's first character."""
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Offset after a node's last character."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._offset(node.end_lineno, node.end_col_offset)

    def text(self, node: ast.expr | ast.stmt) -> str:
        """Source of a node."""
        return self.source[self.start(node) : self.end(node)]

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())
