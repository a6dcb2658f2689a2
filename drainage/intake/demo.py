"""The demo city, which comes with the package: made up, so that everything can be tried before a real city is read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd

from drainage.intake.read import read_network
from drainage.network import DrainageNetwork

_PACKAGE = Path(__file__).parents[1]


def load_demo(day: str | dt.date | pd.Timestamp | None = None) -> DrainageNetwork:
    """Load the demo city: synthetic data with planted misconnections and waterlogging, made by a script.

    Its streets, pipes and storms are not those of any real city, and results for it say nothing about one. Its storm
    formula is ``read_storm_formula("demo")``.

    Parameters
    ----------
    day
        State of the city on a day, e.g. 2018-12-31, before its works, or 2021-05-07, after them; None: everything that
        was ever built.

    Raises
    ------
    SchemaError
        The day is a text other than YYYY-MM-DD.

    Examples
    --------
    >>> import drainage as dr
    >>> net = dr.load_demo()
    >>> len(net), net.synthetic
    (6479, True)
    """
    net = read_network(demo_file())
    return net if day is None else net.as_of(day)


def demo_file() -> Path:
    """Return the pipes of the demo city, beside which its other layers lie: in the package, or in its repository."""
    inside = _PACKAGE / "demo" / "pipes.geojson"
    return inside if inside.is_file() else _PACKAGE.parent / "data" / "pipes.geojson"
