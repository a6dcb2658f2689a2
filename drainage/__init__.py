"""Urban drainage networks as graphs: where a city waterlogs, where sewage and storm water mix, how far it is separated.

The names of a first day are here, the others in rooms: `drainage.plans`, `drainage.simulation`, `drainage.errors`, …
All are loaded when they are first used, so that ``import drainage`` costs nothing; `__init__.pyi` lists them.
"""

import warnings
from importlib import import_module

import lazy_loader

__version__ = "0.1.0"

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

# Room → the names in it that were public here too; they go with the next version.
_MOVED = {
    "analyses": "InfiltrationLimits QualityProfile find_changes find_low_points ponding_on_dem score_delivery",
    "errors": "CrsError FormatError SchemaError SimulationError TopologyError",
    "evidence": "Evidence",
    "formats": "Dem read_repair_log read_water_levels write_gpx write_repair_log write_storm",
    "graph": "FlowGraph",
    "hydraulics": "ObservedStorm SewageRates StormFormula",
    "inference": "SourceLimits SourceRates",
    "intake": "ground_from_dem read_roads read_sightings",
    "maps": "plot_storm",
    "plans": "ConditionRules with_works",
    "provenance": "Provenance",
    "repairs": "Repaired undo_repair",
    "report": "Report",
    "simulation": "EngineOptions EnsembleRun FlowState Screening combine_runs run_ensemble",
}
# Names that are reached here too, without being of the first day → their room.
_ALSO = {"plot_section": "papers"}
_RENAMED = {"read_reports": "read_sightings", "compare_deliveries": "find_changes"}


def __getattr__(name: str) -> object:
    """Load a name; one that has moved is given from its room, with a warning."""
    if name in _ALSO:
        return getattr(import_module(f"drainage.{_ALSO[name]}"), name)
    now = _RENAMED.get(name, name)
    room = next((room for room, names in _MOVED.items() if now in names.split()), None)
    if room is None:
        return _load(name)
    warnings.warn(f"drainage.{name} is drainage.{room}.{now} now", DeprecationWarning, stacklevel=2)
    return getattr(import_module(f"drainage.{room}"), now)
