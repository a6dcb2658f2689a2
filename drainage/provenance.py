"""Where an answer comes from: what every face of a result says of itself, in one form.

A number outlives the screen on which it was found; without its storm, its day and its assumptions nobody can tell what
it is of. Whatever is written therefore carries the same ten facts (`KEYS`), null where one does not apply.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from drainage import __version__
from drainage.cells import plain_value, short_numbers
from drainage.said import in_language, joined
from drainage.words import in_both, language

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from drainage.formats.raster import Dem
    from drainage.hydraulics.rainfall import Storm
    from drainage.network import DrainageNetwork
    from drainage.said import Language
    from drainage.simulation.state import FlowState

__all__ = ["KEYS", "METHODS", "NOTICE", "STORM_KEYS", "Provenance"]

#: What stands wherever a result on made-up data is shown.
NOTICE: Final = in_both("made_up_city").both
#: What says what an engine does, by the name that a state has for it.
METHODS: Final = {
    "screening": "method_screening",
    "swmm": "method_swmm",
}
#: What is told of a storm; all null but depth and duration where the rain was observed or is that of a model.
STORM_KEYS: Final = (
    "formula",
    "formula_source",
    "verified",
    "return_period_a",
    "duration_min",
    "depth_mm",
    "shape",
)
#: The address of a database, as far as its colon.
_ADDRESS: Final = re.compile(r"[a-z][\w+.-]+:[/\\]{1,2}\w", re.IGNORECASE)
#: Who may open an address, with his password.
_LOGIN: Final = re.compile(r"(?<=://)[^/\s@]+@")


class _Read(Protocol):
    """What knows the names of its files, separated by commas."""

    @property
    def source(self) -> str: ...


def _now() -> str:
    return dt.datetime.now().astimezone().isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """The ten facts that come with every result; None where one does not apply.

    Where differing provenances were joined (`joined`), such as those of a comparison, a fact holds both values.

    Parameters
    ----------
    source
        Names of all files that were read, without folders; for a database, its name.
    crs
        Coordinate system of the network.
    as_of
        Day of the network, ISO; None: its whole history was analysed.
    storm
        `STORM_KEYS`.
    engine
        ``screening`` or ``swmm``; None where no rain was simulated.
    method
        Method of the engine, in words.
    assumptions
        What the source does not state and what was assumed instead: name → value and reason.
    notice
        Notice to show wherever the result is shown, e.g. that the data are synthetic.
    version
        Of this package.
    made_at
        When the result was made, ISO with zone.

    Examples
    --------
    >>> Provenance(source=("pipes.shp",), as_of="2024-06-30").as_dict()["source"]
    ['pipes.shp']
    """

    source: Sequence[str] | None = None
    crs: str | Sequence[str] | None = None
    as_of: str | Sequence[str] | None = None
    storm: Mapping[str, object] | None = None
    engine: str | Sequence[str] | None = None
    method: str | Sequence[str] | None = None
    assumptions: Mapping[str, object] | None = None
    notice: str | None = None
    version: str = __version__
    made_at: str = field(default_factory=_now)

    @classmethod
    def of(
        cls, net: DrainageNetwork, storm: Storm | None = None, *, engine: str | None = None, beside: _Read | None = None
    ) -> Self:
        """Return the provenance of an answer about a network, in a storm, by an engine.

        Parameters
        ----------
        beside
            What was read besides the network: ground or evidence.
        """
        return cls(
            source=_once((*_sources(net), *_files_of(beside))),
            crs=None if net.crs is None else net.crs.to_string(),
            as_of=net.origin.as_of,
            storm=None if storm is None else _facts(storm),
            engine=engine,
            method=in_both(METHODS[engine]) if engine in METHODS else None,
            assumptions=_remarks(storm),
            notice=NOTICE if net.synthetic else None,
        )

    @classmethod
    def of_ground(cls, dem: Dem) -> Self:
        """Return the provenance of an answer about a raster of the ground alone."""
        return cls(source=_files_of(dem), crs=dem.crs.to_string())

    @classmethod
    def of_storm(cls, storm: Storm) -> Self:
        """Return the provenance of a storm by itself."""
        return cls(storm=_facts(storm), assumptions=_remarks(storm))

    @classmethod
    def of_state(cls, state: FlowState, *, beside: _Read | None = None) -> Self:
        """Return the provenance of an answer about a simulated storm."""
        found = cls.of(state.network, state.storm, engine=state.method, beside=beside)
        return replace(found, assumptions=dict(state.assumptions) or found.assumptions)

    @classmethod
    def joined(cls, papers: Iterable[Provenance]) -> Self:
        """Join several: equal facts are kept once, different ones as a list; sources one after the other."""
        found = list(papers)
        if not found:
            return cls()
        storms = [one.storm for one in found]
        said = {one.assumptions is None: one.assumptions for one in found}
        return cls(
            source=_once(name for one in found for name in one.source or ()) or None,
            crs=_alike([one.crs for one in found]),
            as_of=_alike([one.as_of for one in found]),
            storm=None if None in storms else {key: _alike([one[key] for one in storms if one]) for key in STORM_KEYS},
            engine=_alike([one.engine for one in found]),
            method=_alike([one.method for one in found]),
            assumptions=said.get(False),
            notice=next((one.notice for one in found if one.notice), None),
        )

    @classmethod
    def from_dict(cls, facts: Mapping[str, object]) -> Self:
        """Read what `as_dict` returned; unknown facts are ignored."""
        return cls(**{key: facts.get(key) for key in KEYS})  # type: ignore[arg-type]  # as they were written

    def as_dict(self, lang: Language | None = None) -> dict[str, object]:
        """Return all ten facts as JSON values; texts in both languages are given in the reader's."""
        facts = {key: short_numbers(plain_value(getattr(self, key))) for key in KEYS}
        return {key: in_language(value, lang or language()) for key, value in facts.items()}

    def as_cells(self) -> dict[str, str | None]:
        """Return all ten facts as texts for a table of two columns; nested values as JSON."""
        return {
            key: value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for key, value in self.as_dict().items()
        }

    def as_json(self) -> str:
        """Return all ten facts as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2, allow_nan=False)


#: The names of the ten facts, in the order in which they are told.
KEYS: Final = tuple(one.name for one in fields(Provenance))


def _sources(net: DrainageNetwork) -> tuple[str, ...]:
    """Name all that a network was read from; what has no file, such as frames, by what it is called."""
    names = [*net.origin.sources] or [*net.files]
    return _once(_name(name) for name in names or [net.source] if name)


def _files_of(read: _Read | None) -> tuple[str, ...]:
    return () if read is None or not read.source else tuple(map(_name, read.source.split(", ")))


def _name(place: str) -> str:
    """Return the name of a file without its folders, of a database without host, user and password."""
    system, is_named, path = place.partition("=")
    system, path = (system + is_named, path) if is_named and "/" not in system else ("", place)
    if _ADDRESS.match(path):
        path = path.rpartition("@")[2].partition("?")[0]
    return system + (PureWindowsPath(path).name if "\\" in path else PurePosixPath(path).name)


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _alike(values: Sequence[object]) -> Any:  # noqa: ANN401 - one of the facts
    """Return the common value, or all different values in order."""
    different: list[object] = []
    for value in values:
        for one in value if isinstance(value, list) else [value]:
            if one not in different:
                different.append(one)
    return different[0] if len(different) == 1 else different or None


def _facts(storm: Storm) -> dict[str, object]:
    """Describe the rain: by its formula or, where it has none, by its length and depth."""
    known = storm.facts
    design = "formula" in known
    return {
        "formula": known.get("formula"),
        "formula_source": _without_login(known.get("source")) if design else None,
        "verified": known.get("verified"),
        "return_period_a": known["return_period_a"],
        "duration_min": known["duration_min"],
        "depth_mm": known["depth_mm"],
        "shape": known.get("shape"),
    }


def _without_login(source: object) -> object:
    """Return what a formula names as its source; of an address without who may open it."""
    return _LOGIN.sub("", source) if isinstance(source, str) else source


def _remarks(storm: Storm | None) -> dict[str, object] | None:
    said = () if storm is None else storm.remarks
    return {"storm": joined(said)} if said else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
