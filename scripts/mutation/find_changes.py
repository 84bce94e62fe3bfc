"""All changes of one token or node that a Python source allows."""

import ast
import re
from collections.abc import Iterable, Iterator

from mutation.change import Change, Positions

ARITHMETIC: dict[type[ast.operator], tuple[str, str]] = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.FloorDiv: ("//", "*"),
    ast.Mod: ("%", "*"),
    ast.Pow: ("**", "*"),
    ast.LShift: ("<<", ">>"),
    ast.RShift: (">>", "<<"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
COMPARISONS: dict[type[ast.cmpop], tuple[str, list[str]]] = {
    ast.Lt: ("<", ["<=", ">="]),
    ast.LtE: ("<=", ["<", ">"]),
    ast.Gt: (">", [">=", "<="]),
    ast.GtE: (">=", [">", "<"]),
    ast.Eq: ("==", ["!="]),
    ast.NotEq: ("!=", ["=="]),
    ast.Is: ("is", ["is not"]),
    ast.IsNot: ("is not", ["is"]),
    ast.In: ("in", ["not in"]),
    ast.NotIn: ("not in", ["in"]),
}
FUNCTIONS = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "ceil": "int",
    "round": "int",
    "sorted": "list",
}
#: Texts for people, and a check of lengths that are equal in a program that is right.
UNTESTED_KEYWORDS = {"description", "help", "strict"}


def find_changes(source: str) -> list[Change]:
    """All changes, in the order of the source; some few of them leave no program, or the same one.

    Left alone are docstrings, annotations, decorators, strings (so the texts of messages), what is raised,
    ``__all__``, ``__repr__``, and calls of a logger.
    """
    finder = _Finder(source)
    finder.visit(ast.parse(source))
    return sorted(finder.changes, key=lambda change: (change.start, change.end, change.text))


class _Finder(ast.NodeVisitor):
    def __init__(self, source: str) -> None:
        self.source, self.at = source, Positions(source)
        self.changes: list[Change] = []

    def add(self, node: ast.expr | ast.stmt, start: int, end: int, text: str) -> None:
        self.changes.append(Change(node.lineno, start, end, text))

    def replace(self, node: ast.expr | ast.stmt, text: str) -> None:
        self.add(node, self.at.start(node), self.at.end(node), text)

    def replace_between(
        self, left: ast.expr | ast.stmt, right: ast.expr | ast.stmt, old: str, *new: str
    ) -> None:
        """Replace an operator between two operands."""
        start = self.at.end(left)
        gap = re.sub(r"#.*", lambda comment: " " * len(comment[0]), self.source[start : self.at.start(right)])
        found = re.search(r"\s+".join(re.escape(word) for word in old.split()), gap)
        if found:
            for text in new:
                self.add(left, start + found.start(), start + found.end(), text)

    # What is left alone, or in part.

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name not in ("__repr__", "__str__"):
            self._visit_all([*node.args.defaults, *node.args.kw_defaults, *node.body])

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_all([*node.args.defaults, *node.args.kw_defaults, node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self._visit_all(node.body)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._visit_all([node.value])

    def visit_Assert(self, node: ast.Assert) -> None:
        self.visit(node.test)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Leave texts alone."""

    def _visit_all(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    # Statements.

    def visit_Raise(self, node: ast.Raise) -> None:
        self.replace(node, "pass")

    def visit_Continue(self, node: ast.Continue) -> None:
        self.replace(node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self.replace(node, "pass")

    def visit_Expr(self, node: ast.Expr) -> None:
        if isinstance(node.value, ast.Constant) or _logs(node.value):
            return
        self.replace(node, "pass")
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in node.targets):
            return
        if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
            self.replace(node, "pass")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.replace(node, "pass")
        old, new = ARITHMETIC[type(node.op)]
        self.replace_between(node.target, node.value, f"{old}=", f"{new}=")
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self.replace(node.test, f"not ({self.at.text(node.test)})")
        self.generic_visit(node)

    # Expressions.

    def visit_IfExp(self, node: ast.IfExp) -> None:
        body, test, other = (self.at.text(part) for part in (node.body, node.test, node.orelse))
        self.replace(node, f"{other} if {test} else {body}")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if type(node.op) in ARITHMETIC:
            self.replace_between(node.left, node.right, *ARITHMETIC[type(node.op)])
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
            old, new = COMPARISONS[type(operator)]
            self.replace_between(left, right, old, *new)
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.replace_between(left, right, old, new)
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.USub):
            self.replace(node, f"({self.at.text(node.operand)})")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        for value in _other_values(node.value):
            self.replace(node, repr(value))

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name) and function.id in FUNCTIONS:
            self.replace(function, FUNCTIONS[function.id])
        self.visit(function)
        self._visit_all(node.args)
        before = self.at.end(node.args[-1]) if node.args else None
        for keyword in node.keywords:
            end = self.at.end(keyword)
            if keyword.arg not in UNTESTED_KEYWORDS:
                self.add(keyword.value, self.at.start(keyword) if before is None else before, end, "")
                self.visit(keyword.value)
            before = end


def _logs(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and re.search(r"\blog(ger|ging)?\b|\bwarn", ast.unparse(node.func)) is not None
    )


def _other_values(value: object) -> Iterator[object]:
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
        if value > 0:
            yield value - 1
        if value > 1:
            yield 2 * value
    elif isinstance(value, float):
        yield 2 * value if value else 1.0
