"""What was seen, measured and found in a network, kind by kind, apart from what is drawn and recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from drainage.schema.issues import ISSUE_COLUMNS
from drainage.schema.layers import EVIDENCE

__all__ = ["EVIDENCE", "Evidence", "empty_evidence"]


def empty_evidence(kind: str) -> pd.DataFrame:
    """Return a table of a kind of evidence without rows.

    Examples
    --------
    >>> import drainage as dr
    >>> dr.evidence.empty_evidence("dye").columns.tolist()
    ['node_id', 'date', 'seen', 'entered', 'lon', 'lat']
    """
    types = {"number": "float64", "date": "datetime64[ms]", "flag": "boolean"}
    columns = {name: pd.Series(dtype=types.get(one.kind, "str")) for name, one in EVIDENCE[kind].columns.items()}
    places = {"lon": pd.Series(dtype="float64"), "lat": pd.Series(dtype="float64")}
    return pd.DataFrame(columns | places, index=pd.Index([], name="row", dtype="str"))


@dataclass(frozen=True, eq=False, slots=True)
class Evidence:
    """Field evidence by kind; the index of each row is file and row, ``samples.csv:12``. Analyses never change it.

    Parameters
    ----------
    inspections
        Inspections of manholes and outfalls: ``node_id``, ``pipe_id`` if only one arriving pipe is meant, ``date``,
        ``last_rain`` or ``dry_hours``, ``flowing``, ``entry`` (an undrawn branch discharges here), ``closed`` (the
        source here was closed that day), ``depth_m``, ``flow_m3_per_day``.
    samples
        Concentrations in mg/L, conductivity in µS/cm, hardness in mg/L, with flow and levels where measured.
    flows
        Readings of flow meters, m³/d, with ``weather`` dry or wet.
    cctv
        Findings in pipes: ``code`` (CJJ 181: CJ, AJ, 暗接, …; 污水直排), ``grade`` 1-4, ``position_m`` from where the
        camera began, ``length_m``, ``clock``, ``discharging``; of deposits ``silt_share`` (depth by the height of the
        pipe) or ``section_loss_share`` (of the area).
    dye
        Dye put in at ``entered`` and ``seen`` at a manhole, or not.
    issues
        Cells and rows that could not be used, and why; columns `drainage.schema.ISSUE_COLUMNS`.
    source
        Names of the files.

    Examples
    --------
    >>> import drainage as dr
    >>> import pandas as pd
    >>> seen = pd.DataFrame({"node_id": ["YS0042"], "date": pd.to_datetime(["2021-05-01"]), "flowing": [True]})
    >>> dr.evidence.Evidence(inspections=seen)
    <Evidence: 1 inspections, 0 samples, 0 flows, 0 cctv, 0 dye, 0 issues>
    """

    inspections: pd.DataFrame = field(default_factory=lambda: empty_evidence("inspections"))
    samples: pd.DataFrame = field(default_factory=lambda: empty_evidence("samples"))
    flows: pd.DataFrame = field(default_factory=lambda: empty_evidence("flows"))
    cctv: pd.DataFrame = field(default_factory=lambda: empty_evidence("cctv"))
    dye: pd.DataFrame = field(default_factory=lambda: empty_evidence("dye"))
    issues: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ISSUE_COLUMNS)))
    source: str = ""

    def __repr__(self) -> str:
        """Return one line with the number of rows of each kind."""
        counts = ", ".join(f"{len(getattr(self, kind)):,} {kind}" for kind in EVIDENCE)
        return f"<Evidence: {counts}, {len(self.issues):,} issues>"
