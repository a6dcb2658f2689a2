"""One column of a collection as arrays: what kind of values it has, which rows have one, and which lie in a range.

Texts are held as the codes of their different values: to ask for one is to compare whole numbers.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cached_property
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from drainage.arrays import Bools
from drainage.cells import plain_cells
from drainage.schema.ids import fold_names
from drainage.words import in_both

Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "date", "instant", "other"]

_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_LONGEST: Final = 100  # characters of a number or a time; no longer one is meant
_TRUTH: Final = {"true": True, "false": False}


class FilterError(ValueError):
    """A value that no cell of its column can have.

    Examples
    --------
    >>> import drainage as dr
    >>> features = dr.report.Features(dr.load_demo("2018-12-31").upstream_of("YS1043").pipes)
    >>> try:
    ...     features.equal("diameter_mm", "wide")
    ... except dr.report.FilterError as error:
    ...     print(error)
    diameter_mm: a number was expected, got 'wide'
    """


class Column:
    """A column.

    Parameters
    ----------
    name
        Its name; names of roads are compared without regard to width, case and blanks.
    cells
        Its values.
    """

    def __init__(self, name: str, cells: pd.Series) -> None:
        """Compute nothing yet."""
        self.name, self.cells = name, cells

    @cached_property
    def kind(self) -> Kind:
        """What its values are."""
        dtype = self.cells.dtype
        if pd.api.types.is_bool_dtype(dtype):
            return "boolean"
        if pd.api.types.is_integer_dtype(dtype):
            return "integer"
        if pd.api.types.is_float_dtype(dtype):
            return "number"
        if dtype.kind == "M":
            times = self.cells.dropna()
            return "date" if (times == times.dt.normalize()).all() else "instant"
        if isinstance(dtype, pd.StringDtype):
            return "text"
        found = pd.api.types.infer_dtype(self.cells, skipna=True)
        known: dict[str, Kind] = {
            "string": "text", "empty": "text", "boolean": "boolean", "integer": "integer", "floating": "number",
            "mixed-integer-float": "number", "date": "date", "datetime": "instant", "datetime64": "instant",
            "categorical": "text",
        }  # fmt: skip
        return known.get(found, "other")

    @cached_property
    def null(self) -> Bools:
        """Where it has no value, (n,)."""
        missing = self.cells.isna().to_numpy(np.bool_)
        if self.kind == "number":
            missing = missing | ~np.isfinite(self.cells.to_numpy(np.float64, na_value=np.nan))
        return missing

    @cached_property
    def held(self) -> NDArray[Any]:
        """Its values, (n,): int64, float64, bool, datetime64[s] in UTC, or text; without meaning where it is `null`."""
        if self.kind in {"integer", "number"}:
            if self.kind == "number":
                return self.cells.to_numpy(np.float64, na_value=np.nan)
            return self.cells.where(~self.null, 0).to_numpy(np.int64)
        if self.kind == "boolean":
            return self.cells.where(~self.null, other=False).to_numpy(np.bool_)
        if self.kind in {"date", "instant"}:
            times = pd.to_datetime(self.cells, utc=True, errors="coerce")
            return times.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
        codes, texts = self._coded
        return np.append(texts, [""]).astype(object)[codes]

    @cached_property
    def _coded(self) -> tuple[NDArray[np.intp], NDArray[Any]]:
        """The place of each value among the different ones, (n,), −1 where there is none, and these, sorted."""
        plain = [cell if cell is None or isinstance(cell, str) else str(cell) for cell in plain_cells(self.cells)]
        codes, texts = pd.factorize(np.array(plain, dtype=object), sort=True)
        return codes, np.asarray(texts, dtype=object)

    @cached_property
    def _folded(self) -> NDArray[Any]:
        return np.asarray(fold_names(pd.Index(self._coded[1], dtype="str")), dtype=object)

    @cached_property
    def order(self) -> NDArray[Any]:
        """Numbers by which its values are sorted, (n,); without meaning where it is `null`."""
        if self.kind in {"text", "other"}:
            return self._coded[0]
        return self.held.astype(np.int64) if self.kind in {"date", "instant"} else self.held

    def equal(self, text: str) -> Bools:
        """Return where it has a value, as it is served.

        Raises
        ------
        FilterError
            No cell can have it.
        """
        if self.kind in {"text", "other"}:
            codes, texts = self._coded
            if self.name == "road":
                wanted = self._folded == fold_names(pd.Index([text], dtype="str"))[0]
                return np.append(wanted, [False]).astype(np.bool_)[codes]
            at = int(np.searchsorted(texts, text))
            found = at < len(texts) and texts[at] == text
            return codes == at if found else np.zeros(len(codes), np.bool_)
        return np.asarray(self.held == self.read(text), np.bool_) & ~self.null

    def between(self, low: str | None, high: str | None) -> Bools:
        """Return where its value is not less than one and not more than the other.

        Raises
        ------
        FilterError
            No cell can have one of them, or the first is the greater.
        """
        least, most = (bound if bound is None or self.kind in {"text", "other"} else self.read(bound)
                       for bound in (low, high))  # fmt: skip
        if least is not None and most is not None and least > most:
            raise FilterError(in_both("filter_range_reversed", column=self.name, text=f"{low}..{high}"[:100]))
        chosen = ~self.null
        if least is not None:
            chosen &= self.held >= least
        if most is not None:
            chosen &= self.held <= most
        return np.asarray(chosen, np.bool_)

    def read(self, text: str) -> Any:  # noqa: ANN401 - of the kind of the column
        """Read a value of the kind of the column.

        Raises
        ------
        FilterError
            It is none.
        """
        if self.kind == "boolean":
            if text not in _TRUTH:
                raise FilterError(in_both("filter_no_truth", column=self.name, text=text[:100]))
            return _TRUTH[text]
        if self.kind in {"date", "instant"}:
            return self._moment(text)
        if len(text) > _LONGEST or _NUMBER.fullmatch(text) is None:
            raise FilterError(in_both("filter_no_number", column=self.name, text=text[:100]))
        number = int(text) if text.isdecimal() else float(text)
        if self.kind == "integer" and number != number // 1:
            raise FilterError(in_both("filter_no_whole", column=self.name, text=text[:100]))
        return int(number) if self.kind == "integer" and abs(number) < 2**63 else number

    def _moment(self, text: str) -> np.datetime64:
        try:
            if len(text) > _LONGEST or not text[:1].isdecimal():
                raise ValueError(text)  # noqa: TRY301 - told with the others
            moment = dt.datetime.fromisoformat(text)
        except ValueError as error:
            raise FilterError(in_both("filter_no_date", column=self.name, text=text[:100])) from error
        plain = moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
        return np.datetime64(plain, "s")
