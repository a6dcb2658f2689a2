"""Features of a collection as files for other programs: CSV piece by piece, FlatGeobuf as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drainage.report.ready_features import Features
from drainage.spreadsheets import plain_table
from drainage.writing import scratch, with_places, write_vector

#: Rows of a piece (own choice: about a megabyte).
_PIECE: Final = 5_000
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def csv_pieces(
    features: Features, rows: NDArray[np.integer[Any]], columns: Sequence[str] | None = None
) -> Iterator[bytes]:
    """Return some rows as CSV in UTF-8, a piece at a time; no text in it is run by a spreadsheet.

    Parameters
    ----------
    columns
        Those that are written beside the place (``lon``, ``lat`` in WGS 84, of lines and areas ``wkt`` too); default:
        all.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> features = dr.report.Features(dr.load_demo("2018-12-31").upstream_of("YS1043").nodes)
    >>> (text,) = dr.report.csv_pieces(features, np.array([0, 1]), ["ground_m"])
    >>> print(text.decode("utf-8-sig"))
    node_id,ground_m,lon,lat
    YS1039,21.1,117.552852,33.5456007
    YS1040,21.07,117.5528474,33.5451381
    """
    for start in range(0, max(len(rows), 1), _PIECE):
        part = features.some(rows[start : start + _PIECE], columns)
        text = plain_table(with_places(part)).to_csv(header=start == 0, lineterminator="\r\n")
        yield (_BYTE_ORDER_MARK if start == 0 else b"") + text.encode()


def flatgeobuf(
    features: Features, rows: NDArray[np.integer[Any]], columns: Sequence[str] | None = None, crs: str | None = None
) -> bytes:
    """Return some rows as a FlatGeobuf, in another coordinate system if one is named.

    Examples
    --------
    >>> import drainage as dr
    >>> import numpy as np
    >>> features = dr.report.Features(dr.load_demo("2018-12-31").upstream_of("YS1043").nodes)
    >>> dr.report.flatgeobuf(features, np.array([0, 1]), ["ground_m"])[:3]
    b'fgb'
    """
    part = features.some(rows, columns)
    if crs is not None and part.crs is not None:
        part = part.to_crs(crs)
    with scratch() as folder:
        path = folder / "features.fgb"
        write_vector(part, path)
        return path.read_bytes()
