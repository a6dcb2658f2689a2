"""What the engine says of its own run: where the water went, what it could not keep count of, and its warnings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from drainage.said import Said, joined
from drainage.schema import Issues
from drainage.schema.issues import Severity
from drainage.simulation.swmm.engine_values import EngineModel, EngineRun
from drainage.words import in_both

#: Water that the engine loses or makes beyond this share is said to be too much, % (the engine's manual warns from
#: 10 % on; SWMM 5.2 User's Manual, 9.1).
MOST_ERROR_PCT: Final = 5.0
CUBIC_FOOT_M3: Final = 0.3048**3
_INFLOWS: Final = ("dwInflow", "wwInflow", "gwInflow", "iiInflow", "exInflow")
_WARNING: Final = re.compile(r"WARNING (\d+): ?(.*?)\s*$", re.MULTILINE)
_NAMED: Final = re.compile(r" for (?:regulator )?(Node|Link|Conduit|Rain Gage) (.+)$")


class _Meaning(NamedTuple):
    code: str
    severity: Severity
    says: str
    action: str


#: Number of a warning by which the engine runs another network, rain or control than it was asked to → what it is here
#: (text.h of SWMM 5.2; a later number is passed on as it stands). The others speak of its own steps in time.
MEANINGS: Final = {
    2: _Meaning("engine_raised_ground", "info", "engine_depth", "engine_ground"),
    3: _Meaning("engine_ignored_offset", "warning", "engine_offset", "engine_lays"),
    4: _Meaning("engine_changed_fall", "info", "engine_drop", "engine_falls"),
    5: _Meaning("engine_changed_slope", "warning", "engine_slope", "engine_least_slope"),
    8: _Meaning("engine_changed_fall", "warning", "engine_steep", "engine_fall_by_length"),
    9: _Meaning("engine_coarse_rain", "warning", "engine_interval", "engine_bursts"),
    10: _Meaning("engine_moved_crest", "warning", "engine_crest", "engine_other_crest"),
    11: _Meaning("engine_rule_unmatched", "warning", "engine_clause", "engine_unlike"),
    12: _Meaning("engine_removed_inlet", "warning", "engine_inlet", "engine_no_inlet"),
}
#: Steps in time, which change nothing that was asked for.
OF_STEPS: Final = (1, 6, 7)


def find_warnings(report: str) -> tuple[tuple[int, str], ...]:
    """Return number and text of each warning in a ``.rpt``, once; those of time steps are left out."""
    found = dict.fromkeys((int(match[1]), match[2]) for match in _WARNING.finditer(report))
    return tuple((number, text) for number, text in found if number not in OF_STEPS)


def warning_issues(warnings: Sequence[tuple[int, str]], model: EngineModel) -> pd.DataFrame:
    """Return the engine's warnings as issues, by the ids of the network."""
    ids = {
        "node": {name.upper(): own for own, name in model.node_names.items()}
        | {name.upper(): own for name, own in model.added_nodes.items()},
        "pipe": {name.upper(): own for own, name in model.pipe_names.items()},
    }
    grouped: dict[tuple[int, str, str], list[str]] = {}
    for number, text in warnings:
        named = _NAMED.search(text)
        said, kind, name = (text, "file", "model") if named is None else (text[: named.start()], *named.groups())
        kind = {"Node": "node", "Rain Gage": "file", "file": "file"}.get(kind, "pipe")
        grouped.setdefault((number, said, kind), []).append(str(ids.get(kind, {}).get(name.upper(), name)))
    issues = Issues()
    for (number, said, kind), names in grouped.items():
        meaning = MEANINGS.get(number, _Meaning("engine_warning", "warning", "", "engine_manual"))
        chinese = said
        if meaning.says:
            known = in_both(meaning.says)
            chinese = known.chinese + said.partition(known)[2]
        reason = joined([Said(said, chinese), f"[WARNING {number:02d}]"], " ")
        issues.add(meaning.code, meaning.severity, kind, names, reason, in_both(meaning.action))
    return issues.frame()


def warning_words(issues: pd.DataFrame) -> dict[str, str]:
    """Return the warnings as an assumption, with the first few elements concerned; empty where there are none."""
    words = []
    for _, rows in issues[issues["severity"] != "info"].groupby(["reason", "action"], sort=False):
        more = in_both("and_more", count=len(rows) - 3) if len(rows) > 3 else ""
        first = rows.iloc[0]
        words.append(
            joined([joined([", ".join(rows["feature_id"].head(3)), more], ""), first["reason"], first["action"]], ": ")
        )
    return {"engine_warnings": joined(words)} if words else {}


def continuity_words(run: EngineRun) -> str:
    """Return in words how much water the engine lost or created, and whether that is too much."""
    runoff, routing, _ = run.errors_pct
    errors = {"runoff": runoff, "routing": routing}
    bad = [in_both(name) for name, error in errors.items() if not abs(error) <= MOST_ERROR_PCT]
    words = [in_both("engine_continuity", **errors)]
    if bad:
        words.append(in_both("engine_untrusted", which=joined(bad, " and "), most=MOST_ERROR_PCT))
    return joined(words, "")


def water_balance(model: EngineModel, run: EngineRun) -> dict[str, float]:
    """Return where the water went; the keys are those of `FlowState.balance`.

    What floods is told twice by the engine: its balance has as flooding only what is lost, its nodes all that left
    the pipes, whether it is lost or stands above them and comes back (`Node Flooding Summary`).
    """
    unit = model.units.length_m**3
    total = {name: volume * unit for name, volume in run.totals.items()}
    # The toolkit leaves these in the engine's own cubic feet, whatever the units of the model.
    start, end = (run.totals[name] * CUBIC_FOOT_M3 for name in ("initStorage", "finalStorage"))
    came = sum(total[name] for name in _INFLOWS)
    ponded = float(run.nodes["ponded"].sum()) * unit
    came_back = np.where(run.nodes["maxPondedVol"] > 0.0, run.nodes["volFlooded"], 0.0).sum() * unit
    dried = total["evapLoss"] + total["seepLoss"]
    return {
        "runoff_m3": came,
        "overflow_m3": total["flooding"] + float(came_back),
        "lost_m3": total["flooding"],
        "ponded_m3": ponded,
        "outflow_m3": total["outflow"],
        "dried_m3": dried,
        "stored_m3": end - start - ponded,
        "start_m3": start,
        "error_m3": came + start - total["flooding"] - total["outflow"] - dried - end,
        "runoff_error_pct": run.errors_pct[0],
        "routing_error_pct": run.errors_pct[1],
    }
