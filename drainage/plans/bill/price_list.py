"""Prices of an office by item: read from a TOML file, and put to the items that they are meant for."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from drainage.errors import FormatError, SchemaError
from drainage.formats.tables.toml_keys import Keys
from drainage.plans.bill.item_kinds import BY_DEPTH, KEYS, KINDS, UNKNOWN
from drainage.said import joined
from drainage.schema.codes import SYSTEMS
from drainage.words import codes, in_both

#: What items are counted in.
UNITS: Final = tuple(dict.fromkeys(kind.unit for kind in KINDS.values()))
_ROW: Final = ("kind", *KEYS, "unit", "price", "currency", "source")
_ROUND: Final = re.compile(r"(?:DN|Φ|Ø|D)?\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
_BOXED: Final = re.compile(r"(\d+(?:\.\d+)?)\s*[×xX*]\s*(\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """The price of one unit of an item.

    Parameters
    ----------
    kind
        Kind of item, such as ``laid_new``.
    keys
        What the item must be: ``structure``, ``system``, ``was_system``, ``material``, ``pipe_size``, ``depth_class``;
        what is not named may be anything.
    unit
        ``m``, ``m3``, ``each`` or ``place``, as its kind asks.
    price
        Of one unit; None: not known yet.
    source
        Where the price comes from.
    place
        Where it stands in its file.

    Examples
    --------
    >>> import drainage as dr
    >>> price = dr.plans.Price(kind="laid_new", keys={"pipe_size": "DN600"}, unit="m", price=980.0)
    >>> [price.fits({"item_kind": "laid_new", "pipe_size": size}) for size in ("DN600", "DN800")]
    [True, False]
    """

    kind: str
    keys: Mapping[str, str]
    unit: str
    price: float | None
    source: str | None = None
    place: str = ""

    def fits(self, item: Mapping[str, object]) -> bool:
        """Return whether the price is meant for an item."""
        return self.kind == item["item_kind"] and all(item.get(name) == value for name, value in self.keys.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceList:
    """Prices of an office, in one currency.

    Parameters
    ----------
    currency
        Its code, such as ``CNY``.
    prices
        The most particular that fits an item counts; nothing is interpolated.
    source
        The file.

    Examples
    --------
    >>> import drainage as dr
    >>> any_size = dr.plans.Price(kind="laid_new", keys={}, unit="m", price=700.0)
    >>> dn600 = dr.plans.Price(kind="laid_new", keys={"pipe_size": "DN600"}, unit="m", price=980.0)
    >>> prices = dr.plans.PriceList(currency="CNY", prices=[any_size, dn600])
    >>> [prices.price_of({"item_kind": "laid_new", "pipe_size": size}).price for size in ("DN600", "DN800")]
    [980.0, 700.0]
    """

    currency: str
    prices: Sequence[Price]
    source: str = "prices.toml"

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """Read a TOML file; docs/papers/bill.md says what stands in it.

        Raises
        ------
        FormatError
            The file cannot be read, or is no TOML.
        SchemaError
            A key is missing, unknown or impossible, a price stands twice or in another currency: the message has its
            place.
        """
        file = Path(path)
        try:
            document = tomllib.loads(file.read_text(encoding="utf-8-sig"))  # Windows editors put a mark before it
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
            raise FormatError(in_both("bill_prices_unreadable", file=file.name, error=error)) from error
        whole = Keys(file.name, "", document)
        whole.only(("currency", "source", "prices"))
        currency, source = whole.text("currency"), whole.text_or("source")
        prices = [_price(row, currency, source) for row in whole.rows("prices")]
        _refuse_twice(whole, prices)
        return cls(currency=currency, prices=prices, source=file.name)

    def check_depths(self, names: Sequence[str]) -> None:
        """Refuse prices by classes of depth that the bill does not have.

        Raises
        ------
        SchemaError
            There is one: nothing is interpolated between classes.
        """
        for one in self.prices:
            asked = one.keys.get("depth_class")
            if asked is not None and asked not in names:
                told = in_both("bill_price_depth", place=one.place, depth=asked, known=joined(names, ", "))
                raise SchemaError(joined([self.source, told], ": "))

    def unused(self, items: Sequence[Mapping[str, object]]) -> list[Price]:
        """Return the prices with a number that fit no item: meant for other works, or misspelt."""
        return [one for one in self.prices if one.price is not None and not any(map(one.fits, items))]

    def price_of(self, item: Mapping[str, object]) -> Price | None:
        """Return the price of an item: of those that fit the one that names most; None where none has a number.

        Raises
        ------
        SchemaError
            Two that fit name as much.
        """
        fitting = [one for one in self.prices if one.price is not None and one.fits(item)]
        most = max((len(one.keys) for one in fitting), default=0)
        best = [one for one in fitting if len(one.keys) == most]
        if len(best) > 1:
            places = ", ".join(one.place for one in best)
            told = in_both("bill_prices_tie", places=places, item=item["item_name"])
            raise SchemaError(joined([self.source, told], ": "))
        return best[0] if best else None


def depth_name(text: str) -> str:
    """Return a class of depth as a bill writes it.

    Examples
    --------
    >>> [depth_name(text) for text in ("<=1.5 m", "1.5-2", "2～3m", "> 6", "≤ 1.50")]
    ['≤1.5', '1.5–2', '2–3', '>6', '≤1.5']
    """
    plain = re.sub(r"\s|m$", "", text.strip().lower().removesuffix("m")).replace("<=", "≤").replace("＞", ">")
    plain = re.sub(r"[-~～—]", "–", plain)
    return re.sub(r"\d+(?:\.\d+)?", lambda found: f"{float(found[0]):g}", plain)


def size_name(text: str) -> str | None:
    """Return a size as a bill writes it; None where it is none.

    Examples
    --------
    >>> [size_name(text) for text in ("dn600", "600", "2000x1500", "0.35 m³/s", "wide")]
    ['DN600', 'DN600', '2000×1500', '0.35 m³/s', None]
    """
    plain = text.strip()
    if plain == UNKNOWN or plain.endswith(" m³/s"):
        return plain
    if boxed := _BOXED.fullmatch(plain):
        return f"{float(boxed[1]):g}×{float(boxed[2]):g}"
    found = _ROUND.fullmatch(plain)
    return None if found is None else f"DN{float(found[1]):g}"


def _price(row: Keys, currency: str, source: str | None) -> Price:
    row.only(_ROW)
    kind = row.one_of("kind", tuple(KINDS))
    if (unit := row.one_of("unit", UNITS)) != KINDS[kind].unit:
        row.refuse(in_both("bill_price_unit", place=row.path, kind=kind, unit=unit, expected=KINDS[kind].unit))
    if row.text_or("currency", currency) != currency:
        row.refuse(in_both("bill_two_currencies", place=row.path, currency=row.text("currency"), other=currency))
    keys = {name: row.text(name) for name in KEYS if row.has(name)}
    if "pipe_size" in keys:
        if (size := size_name(keys["pipe_size"])) is None:
            row.refuse(in_both("bill_price_size", place=row.at("pipe_size"), value=keys["pipe_size"]))
        keys["pipe_size"] = size
    if "depth_class" in keys:
        if kind not in BY_DEPTH:
            row.refuse(in_both("bill_price_no_depth", place=row.at("depth_class"), kind=kind))
        keys["depth_class"] = depth_name(keys["depth_class"])
    for name, known in (("system", SYSTEMS), ("was_system", SYSTEMS), ("structure", tuple(codes("structure")))):
        if name in keys:
            row.one_of(name, known)
    blank = row.any("price", in_both("terms_number_from", least=0.0)) == ""
    return Price(
        kind=kind, keys=keys, unit=unit, price=None if blank else row.number("price"),
        source=(row.text("source") if row.has("source") and row.any("source", "") != "" else None) or source,
        place=row.path,
    )  # fmt: skip


def _refuse_twice(whole: Keys, prices: Sequence[Price]) -> None:
    seen: dict[tuple[object, ...], str] = {}
    for one in prices:
        key = (one.kind, *(one.keys.get(name) for name in KEYS))
        if key in seen:
            whole.refuse(in_both("bill_price_twice", place=one.place, other=seen[key], kind=one.kind))
        seen[key] = one.place
