"""CQL2 as text → tree.

The grammar is LALR(1) and read by lark. Of the two parsers of CQL2 that Python has, `cql2` 0.6 takes time that doubles
with each open bracket (25 of them: 35 s) and ends the process at 10,000; `pygeofilter` 0.3 is linear, but knows no
Chinese name, no precedence of AND over OR and no function of time as the standard writes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import cast

import shapely
from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from drainage.words import in_both
from drainage_api.asked import trees
from drainage_api.asked.trees import Call, Literal, Name, NoFilterError, Tree


def read_text(text: str) -> Tree:
    """Read a filter written as text.

    Raises
    ------
    NoFilterError
        It is none; the message names the place.
    """
    trees.check_depth(text)
    try:
        tree = cast("Tree", _parser().parse(text))
    except UnexpectedInput as error:
        ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        at = len(text) if ended else min(error.pos_in_stream or 0, len(text))
        sentence = "filter_unexpected" if at < len(text) else "filter_ends"
        raise NoFilterError(in_both(sentence, found=text[at : at + 20], at=at + 1)) from error
    except VisitError as error:
        if isinstance(error.orig_exc, NoFilterError):
            raise error.orig_exc from error
        raise
    trees.check_size(tree)
    return tree


@cache
def _parser() -> Lark:
    grammar = Path(__file__).with_name("cql2.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", transformer=_Trees(), maybe_placeholders=False, regex=False)


@v_args(inline=True)
class _Trees(Transformer[Token, Tree]):
    """Makes a part of the tree as soon as its text has been read: nothing goes down into the depth."""

    def either(self, *parts: object) -> Tree:
        return Call("or", _operands(parts))

    def both(self, *parts: object) -> Tree:
        return Call("and", _operands(parts))

    def negated(self, _: Token, part: Tree) -> Tree:
        return Call("not", (part,))

    def compared(self, left: Tree, op: Token, right: Tree) -> Tree:
        return Call(str(op), (left, right))

    def like(self, *parts: object) -> Tree:
        words = [str(part).lower() for part in parts if isinstance(part, Token)]
        operands = _operands(parts)
        if "ilike" in words:
            operands = tuple(Call("casei", (operand,)) for operand in operands)
        return Call("like", operands)

    def within(self, *parts: object) -> Tree:
        return Call("in", (cast("Tree", parts[0]), *cast("tuple[Tree, ...]", parts[-1])))

    def between(self, *parts: object) -> Tree:
        return Call("between", _operands(parts))

    def absent(self, *parts: object) -> Tree:
        return Call("isnull", _operands(parts))

    def not_like(self, *parts: object) -> Tree:
        return Call("not", (self.like(*parts),))

    def not_within(self, *parts: object) -> Tree:
        return Call("not", (self.within(*parts),))

    def not_between(self, *parts: object) -> Tree:
        return Call("not", (self.between(*parts),))

    def present(self, *parts: object) -> Tree:
        return Call("not", (self.absent(*parts),))

    def arithmetic(self, left: Tree, op: Token, right: Tree) -> Tree:
        return Call(str(op).lower(), (left, right))

    def power(self, left: Tree, right: Tree) -> Tree:
        return Call("^", (left, right))

    def signed(self, sign: Token, part: Tree) -> Tree:
        if isinstance(part, Literal) and isinstance(part.value, float):
            return Literal(-part.value if sign == "-" else part.value)
        return Call("*", (Literal(-1.0 if sign == "-" else 1.0), part))

    def name(self, token: Token) -> Tree:
        return Name(str(token))

    def quoted(self, token: Token) -> Tree:
        return Name(token[1:-1].replace('""', '"'))

    def text(self, token: Token) -> Tree:
        return Literal(token[1:-1].replace("''", "'").replace("\\'", "'"))

    def number(self, token: Token) -> Tree:
        return Literal(trees.number(token))

    def true(self, _: Token) -> Tree:
        return Literal(value=True)

    def false(self, _: Token) -> Tree:
        return Literal(value=False)

    def listed(self, *parts: Tree) -> tuple[Tree, ...]:
        return parts

    def call(self, token: Token, args: tuple[Tree, ...]) -> Tree:
        name = str(token).lower()
        texts = [arg.value for arg in args if isinstance(arg, Literal)]
        if name in {"date", "timestamp"} and len(args) == 1 and texts and isinstance(texts[0], str):
            return trees.moment(texts[0], day=name == "date")
        if name == "interval" and len(args) == 2:
            return trees.interval(*args)
        if name == "bbox" and len(texts) == len(args):
            return trees.box([trees.number(one) for one in texts if isinstance(one, float)])
        return Call(name, args)

    def shape(self, text: str) -> Tree:
        try:
            return trees.shape(shapely.from_wkt(text))
        except shapely.errors.ShapelyError as error:
            raise NoFilterError(in_both("filter_no_shape", text=text[:60])) from error

    def wkt(self, kind: Token, brackets: str) -> str:
        return f"{kind} {brackets}"

    def collection(self, kind: Token, *parts: str) -> str:
        return f"{kind} ({','.join(parts)})"

    def brackets(self, *parts: str) -> str:
        return f"({','.join(parts)})"

    def position(self, *numbers: str) -> str:
        return " ".join(numbers)

    def coordinate(self, *parts: Token) -> str:
        return "".join(parts)


def _operands(parts: tuple[object, ...]) -> tuple[Tree, ...]:
    """Leave the words between the parts out."""
    return tuple(cast("Tree", part) for part in parts if not isinstance(part, Token))
