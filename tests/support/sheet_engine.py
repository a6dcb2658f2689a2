"""A small engine for the formulas of our workbooks: it knows what they use and nothing of how they were made."""

from __future__ import annotations

import ast
import operator
import re
from bisect import bisect_right
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from openpyxl.workbook import Workbook

_REFERENCE: Final = re.compile(
    r"(?:'(?P<sheet>[^']+)'!)?\$?(?P<col>[A-Z]+)\$?(?P<row>\d+)(?::\$?(?P<col2>[A-Z]+)\$?(?P<row2>\d+))?"
)
_ALONE: Final = re.compile(r"(?<![<>=])=(?!=)")
_DO: Final[dict[type[ast.AST], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Eq: operator.eq, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Lt: operator.lt,
}  # fmt: skip


class Engine:
    """Values of a workbook, computed from its formulas; what is written beside them is not looked at."""

    def __init__(self, book: Workbook) -> None:
        """Take a workbook that was read with its formulas."""
        self._book = book
        self._known: dict[tuple[str, str], Any] = {}

    def value(self, sheet: str, cell: str) -> Any:  # noqa: ANN401 - whatever a cell holds
        """Return what a cell holds or its formula gives; an empty one is None."""
        if (sheet, cell) not in self._known:
            held = self._book[sheet][cell].value
            is_formula = isinstance(held, str) and held.startswith("=")
            self._known[sheet, cell] = self._compute(held, sheet) if is_formula else held
        return self._known[sheet, cell]

    def _compute(self, formula: str, sheet: str) -> Any:  # noqa: ANN401
        texts: list[list[Any]] = []

        def put(found: re.Match[str]) -> str:
            there = found["sheet"] or sheet
            if found["col2"] is None:
                return f"CELL({there!r}, {found['col'] + found['row']!r})"
            assert found["col"] == found["col2"]
            rows = range(int(found["row"]), int(found["row2"]) + 1)
            texts.append([self.value(there, f"{found['col']}{row}") for row in rows])
            return f"RANGE({len(texts) - 1})"

        parts = re.split(r'("[^"]*")', formula[1:])
        code = "".join(part if part.startswith('"') else _ALONE.sub("==", _REFERENCE.sub(put, part)) for part in parts)
        return self._walk(ast.parse(code, mode="eval").body, texts)

    def _walk(self, node: ast.expr, ranges: list[list[Any]]) -> Any:  # noqa: ANN401
        def walk(part: ast.expr) -> Any:  # noqa: ANN401
            return self._walk(part, ranges)

        match node:
            case ast.Constant():
                return node.value
            case ast.BinOp(left=left, op=op, right=right) | ast.Compare(left=left, ops=[op], comparators=[right]):
                return _DO[type(op)](_plain(walk(left)), _plain(walk(right)))
            case ast.Call(func=ast.Name(id="IF"), args=[asked, then, other]):
                return walk(then if walk(asked) else other)
            case ast.Call(func=ast.Name(id="CELL"), args=[ast.Constant(value=sheet), ast.Constant(value=cell)]):
                return self.value(str(sheet), str(cell))
            case ast.Call(func=ast.Name(id="RANGE"), args=[ast.Constant(value=number)]):
                return ranges[int(str(number))]
            case ast.Call(func=ast.Name(id=name), args=args):
                return _FUNCTIONS[name](*map(walk, args))
        raise NotImplementedError(ast.dump(node))


def _plain(value: object) -> Any:  # noqa: ANN401
    return 0.0 if value is None else value


def _numbers(values: list[Any]) -> list[float]:
    return [float(one) for one in values if _is_number(one)]


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _sumifs(summed: list[Any], *asked: Any) -> float:  # noqa: ANN401
    pairs = list(zip(asked[::2], asked[1::2], strict=True))
    held = [all(values[row] == wanted for values, wanted in pairs) for row in range(len(summed))]
    return sum(_numbers([value for value, here in zip(summed, held, strict=True) if here]))


def _countifs(*asked: Any) -> int:  # noqa: ANN401
    """Count rows; what is asked to be "" is an empty cell."""
    pairs = list(zip(asked[::2], asked[1::2], strict=True))
    return sum(all((values[row] or "") == wanted for values, wanted in pairs) for row in range(len(asked[0])))


def _lookup(value: float, edges: list[float], found: list[Any]) -> object:
    return found[bisect_right(edges, value) - 1]


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "SUM": lambda values: sum(_numbers(values)),
    "SUMIFS": _sumifs,
    "SUMPRODUCT": lambda one, two: float(np.dot(np.array(one, dtype=float), np.array(two, dtype=float))),
    "COUNTIFS": _countifs,
    "COUNTBLANK": lambda values: sum(value in {None, ""} for value in values),
    "ROWS": len,
    "ROUND": lambda value, decimals: float(
        Decimal(repr(float(value))).quantize(Decimal(10) ** -decimals, ROUND_HALF_UP)
    ),
    "ISNUMBER": _is_number,
    "LOOKUP": _lookup,
    "MAX": max,
    "MIN": min,
}
