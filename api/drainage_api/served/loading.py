"""Read what is served: a report, a comparison, a network file or a database, which are analysed."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable

import drainage as dr
from drainage.report import MARK, SIDES, read_comparison
from drainage_api.served.of_store import head_of, newest_of
from drainage_api.served.served import MapPage, Served
from drainage_api.settings import Settings


def load(settings: Settings) -> Served:
    """Read the report, or read and analyse the source, and index it: workers that are forked later share it.

    With a store it becomes its next version where it is new, and what is served is the newest.

    Raises
    ------
    DrainageError
        Neither was named, or what was named cannot be read.
    """
    return _shared(lambda: head_of(settings, lambda: _read(settings)) if settings.has_store else _read(settings))


def load_newest(settings: Settings) -> Served:
    """Read the newest version of the store, as `load` does; what was given at the start is not looked at.

    Raises
    ------
    DrainageError
        It cannot be read.
    """
    return _shared(lambda: newest_of(settings))


def _shared(read: Callable[[], Served]) -> Served:
    gc.unfreeze()
    gc.collect()  # what was served before the one that is served still
    gc.disable()  # a city is millions of objects, none of them garbage
    try:
        here = read()
        here.prepare()
    finally:
        gc.enable()
    gc.freeze()  # nor is it looked for among them later, so that workers share them untouched
    return here


def _read(settings: Settings) -> Served:
    if settings.results is None:
        return Served({"": _analysed(settings)}, settings)
    place = settings.results
    mark = (place / MARK).read_text(encoding="utf-8") if (place / MARK).is_file() else ""
    if not all((place / side / "summary.json").is_file() for side in SIDES):
        return Served({"": dr.read_report(place)}, settings, places={"": place}, mark=mark)
    kept = read_comparison(place)
    changes = None if kept.changes is None else kept.changes.rename_axis("change_id")
    places = {side: place / side for side in SIDES}
    both = MapPage(kept.page, kept.map_folder)
    return Served(kept.reports, settings, places=places, changes=changes, compared=both, mark=mark)


def _analysed(settings: Settings) -> dr.report.Report:
    if settings.source is None:
        raise dr.errors.FormatError(
            "nothing to serve: set DRAINAGE_RESULTS to a directory written by `drainage analyze`, "
            "or DRAINAGE_SOURCE to a network"
        )
    today = dt.datetime.now().astimezone().date()
    net = dr.read_network(settings.source).as_of(settings.as_of or today)
    formula = settings.storm_formula or ("demo" if net.synthetic else None)
    storm = None
    if formula is not None:
        storm = dr.DesignStorm(dr.read_storm_formula(formula), settings.return_period_a, settings.duration_min)
    dem = dr.read_dem(settings.dem, near=net) if settings.dem is not None else None
    setup = dr.Setup(
        tailwater_m=settings.tailwater_m,
        runoff_coefficient=settings.runoff_coefficient,
        uplift_within=settings.uplift_within,
        inlet_time_min=settings.inlet_time_min,
        served_distance_m=settings.served_distance_m,
    )
    return dr.analyze(net, storm=storm, setup=setup, dem=dem, area_type=settings.area_type)
