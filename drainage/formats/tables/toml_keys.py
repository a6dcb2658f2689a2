"""The keys of a TOML table, each asked for by what it must be; what is wrong is named by its whole path."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final, NoReturn

from drainage.errors import SchemaError
from drainage.said import Said, joined
from drainage.words import in_both, nearest

INFINITE: Final = float("inf")
#: No number of a contract is larger; infinite ones are not meant.
_MOST: Final = 1e15


class Keys:
    """A table of a TOML file.

    Parameters
    ----------
    place
        Name of the file.
    path
        Where in the file the table stands, e.g. ``kinds.road``.
    table
        Its keys and values.
    """

    def __init__(self, place: str, path: str, table: Mapping[str, object]) -> None:
        """Take the table; nothing is asked yet."""
        self.place, self.path, self._table = place, path, table

    def refuse(self, message: Said | str) -> NoReturn:
        """Raise what is wrong, with the name of the file before it.

        Raises
        ------
        SchemaError
            Always.
        """
        raise SchemaError(joined([self.place, message], ": "))

    def at(self, key: str) -> str:
        """Return the whole path of a key."""
        return f"{self.path}.{key}" if self.path else key

    def names(self) -> list[str]:
        """Return all keys."""
        return list(self._table)

    def has(self, key: str) -> bool:
        """Return whether the key is there."""
        return key in self._table

    def only(self, known: Collection[str]) -> None:
        """Refuse a key that is not one of these, with the one that comes nearest."""
        for key in self._table:
            if key not in known:
                listed = ", ".join(known)
                self.refuse(in_both("terms_key_unknown", key=self.at(key), near=nearest(key, known), known=listed))

    def any(self, key: str, what: str) -> object:
        """Return a value that must be there; ``what`` names it for who left it out."""
        if key not in self._table:
            self.refuse(in_both("terms_key_missing", key=self.at(key), what=what))
        return self._table[key]

    def text(self, key: str) -> str:
        """Return a text that is not empty."""
        value = self.any(key, in_both("terms_text"))
        if not isinstance(value, str) or not value.strip():
            self._wrong(key, value, in_both("terms_text"))
        return value.strip()

    def text_or(self, key: str, default: str | None = None) -> str | None:
        """Return a text, or the default where there is none."""
        return self.text(key) if self.has(key) else default

    def truth(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        value = self._table.get(key, default)
        if not isinstance(value, bool):
            self._wrong(key, value, "true, false")
        return value

    def one_of(self, key: str, known: Collection[str]) -> str:
        """Return one of several words."""
        listed = ", ".join(known)
        value = self.any(key, listed)
        if value not in known:
            near = nearest(value, known) if isinstance(value, str) else ""
            self._wrong(key, value, joined([listed, near], ""))
        return str(value)

    def number(self, key: str, *, least: float = 0.0, most: float = INFINITE) -> float:
        """Return a number within bounds."""
        wanted = in_both("terms_number_from" if most == INFINITE else "terms_number_within", least=least, most=most)
        value = self.any(key, wanted)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= min(most, _MOST):
            self._wrong(key, value, wanted)
        return float(value)

    def number_or(self, key: str, default: float, *, least: float = 0.0, most: float = INFINITE) -> float:
        """Return a number within bounds, or the default where there is none."""
        return self.number(key, least=least, most=most) if self.has(key) else default

    def day(self, key: str) -> str:
        """Return a day as TOML has it, or as a text of the form YYYY-MM-DD."""
        value = self.any(key, "YYYY-MM-DD")
        if isinstance(value, str):
            try:
                value = dt.date.fromisoformat(value)
            except ValueError:
                self._wrong(key, value, "YYYY-MM-DD")
        if not isinstance(value, dt.date):
            self._wrong(key, value, "YYYY-MM-DD")
        return value.isoformat()[:10]

    def texts(self, key: str) -> tuple[str, ...]:
        """Return several texts, at least one; numbers among them are texts too."""
        value = self.any(key, in_both("terms_texts"))
        if not isinstance(value, list) or not value or any(isinstance(one, (dict, list)) for one in value):
            self._wrong(key, value, in_both("terms_texts"))
        return tuple(str(one) for one in value)

    def table(self, key: str) -> Keys:
        """Return a table within this one."""
        value = self.any(key, in_both("terms_table", key=self.at(key)))
        if not isinstance(value, dict):
            self._wrong(key, value, in_both("terms_table", key=self.at(key)))
        return Keys(self.place, self.at(key), value)

    def named(self, key: str) -> dict[str, Keys]:
        """Return the tables of a table, by their names, at least one."""
        whole = self.table(key)
        names = whole.names()
        if not names:
            self.refuse(in_both("terms_key_missing", key=self.at(key), what=in_both("terms_table", key=self.at(key))))
        return {name: whole.table(name) for name in names}

    def rows(self, key: str) -> list[Keys]:
        """Return the tables of a list, at least one."""
        wanted = in_both("terms_rows", key=self.at(key))
        value = self.any(key, wanted)
        if not isinstance(value, list) or not value or not all(isinstance(one, dict) for one in value):
            self._wrong(key, value, wanted)
        return [Keys(self.place, f"{self.at(key)}[{number}]", one) for number, one in enumerate(value, 1)]

    def rows_or_none(self, key: str) -> list[Keys]:
        """Return the tables of a list, none where there is no such list."""
        return self.rows(key) if self.has(key) else []

    def _wrong(self, key: str, value: object, wanted: str) -> NoReturn:
        self.refuse(in_both("not_one_of", name=self.at(key), value=value, known=wanted))
