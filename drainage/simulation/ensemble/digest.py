"""The content of values as a digest: the same inputs give the same digest in every process and on every day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib.metadata import version
from pathlib import PurePath

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from drainage.errors import SimulationError
from drainage.formats.inp.parse import InpModel
from drainage.formats.inp.text.files import files_named, locate
from drainage.formats.marks import layers_of
from drainage.network import DrainageNetwork
from drainage.schema.layers import LAYERS
from drainage.words import in_both


def digest(*values: object) -> str:
    """Return the digest of values; it changes with the version of the package, as the answers may.

    Raises
    ------
    SimulationError
        A value of a kind whose content is not known.
    """
    found = hashlib.sha256(version("drainage").encode())
    for part in _parts(values):
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()[:32]


def network_digest(net: DrainageNetwork) -> str:
    """Return the digest of all that a simulation uses of a network: frames, CRS, layers, its .inp with its files."""
    return digest(
        {name: table for name, table in layers_of(net).items() if name in LAYERS and LAYERS[name].simulated},
        str(net.crs),
        None if net.origin.model is None else _model_parts(net.origin.model),
    )


def _model_parts(model: InpModel) -> list[object]:
    """Return the text of an .inp, its location, and the bytes of the files that it names and that may be read."""
    text = model.text
    named = sorted({one.written for one in files_named(text.sections)})
    found = {name: locate(text.path.parent, name) for name in named}
    files = {
        name: one.path.read_bytes()
        for name, one in found.items()
        if one is not None and (text.allow_outside or not one.outside)
    }
    return [str(text.path.parent.resolve()), dict(text.sections), text.encoding, text.allow_outside, files]


def _parts(value: object) -> Iterator[bytes]:
    """Take a value apart into bytes, each kind by a name of its own."""
    yield type(value).__name__.encode()
    if value is None or isinstance(value, (str, bool, int, float, np.generic, PurePath)):
        yield repr(value).encode()
    elif isinstance(value, bytes):
        yield value
    elif isinstance(value, np.ndarray):
        yield from _array_parts(value)
    elif isinstance(value, pd.DataFrame):
        yield from _frame_parts(value)
    elif isinstance(value, pd.Series):
        yield from (part for column in (pd.Series(value.index), value) for part in _column_parts(column))
    elif isinstance(value, Mapping):
        yield from (part for key in sorted(value) for one in (key, value[key]) for part in _parts(one))
    elif isinstance(value, (tuple, list)):
        yield from (part for one in value for part in _parts(one))
    elif is_dataclass(value):
        yield from (part for one in fields(value) for part in _parts(getattr(value, one.name)))
    else:
        raise SimulationError(in_both("content_unknown", kind=type(value).__name__))


def _array_parts(values: np.ndarray) -> Iterator[bytes]:
    if values.dtype == object:
        yield "\x1f".join(map(repr, values.tolist())).encode()
    else:
        yield f"{values.dtype}{values.shape}".encode()
        yield np.ascontiguousarray(values).tobytes()


def _frame_parts(frame: pd.DataFrame) -> Iterator[bytes]:
    """Take a frame apart by columns in the order of their names: the order of columns changes nothing."""
    yield from _column_parts(pd.Series(frame.index))
    for name in sorted(frame.columns, key=str):
        yield str(name).encode()
        column = frame[name]
        if isinstance(column, gpd.GeoSeries):
            yield b"".join(shape or b"-" for shape in shapely.to_wkb(np.asarray(column.array), include_srid=False))
        else:
            yield from _column_parts(column)


def _column_parts(column: pd.Series) -> Iterator[bytes]:
    numeric = isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufM"
    yield from _array_parts(column.to_numpy() if numeric else column.to_numpy(dtype=object))
