"""Write docs/validation/models.md: every EPA SWMM model of swmmio, pystorms and pyswmm read, written and run.

Run ``make models``, then ``DRAINAGE_TEST_MODELS=out/models python scripts/describe_models.py``.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from tests.support.engine import FileRun

HEAD = """\
---
reader: whoever has an EPA SWMM model and wants to know whether it survives reading and writing
afterwards: trust that a written model floods where the original does, or see where that was not shown
---
# Models of other packages, read and written

Does a model change when it is read here and written again? Each model that comes with swmmio, pystorms and pyswmm
was run by EPA SWMM 5.2 three times: as it is; as `write_inp` writes it; and as written with every level raised by
ten metres, so that every row of nodes and conduits is new. The models come out of the wheels that
`scripts/models.txt` names and are no part of this project.

| column | meaning |
|---|---|
| same | the same nodes flood |
| worst | largest difference of the volume of any flooded node or outfall |
| exception | why a model was mended, or not run |

Written by `scripts/describe_models.py`; no number here is typed by hand.
`tests/simulation/swmm/test_package_models.py` holds all of it to the same nodes and 1 %, with two models cut short.

"""
COLUMNS = ("model", "nodes", "links", "nodes flooded", "written: same", "worst", "raised: same", "worst", "exception")


def main() -> None:
    """Run all models and write the page."""
    from tests.support.package_models import BLANK, MODELS, REFUSED

    if not MODELS:
        sys.exit("no models: run 'make models' and set DRAINAGE_TEST_MODELS=out/models")
    rows = []
    for name in MODELS:
        rows.append(describe(name))
        print(*rows[-1], sep=" | ")
    ran = [row for row in rows if row[4] != "–"]
    same = sum(row[4] == "yes" and row[6] in {"yes", "–"} for row in ran)
    mended = sum(one.mend is not None for one in REFUSED.values())
    total = (
        f"{len(rows) - len(BLANK)} of {len(rows)} load, {len(BLANK)} are blank forms; {len(ran)} were run, {mended} of "
        f"them mended because EPA SWMM refuses them; in {same} the same nodes flood.\n\n"
    )
    lines = ["| " + " | ".join(row) + " |" for row in (COLUMNS, ["---"] * len(COLUMNS), *rows)]
    page = ROOT / "docs" / "validation" / "models.md"
    # what is said of public collections is not found here, and stays
    _, heading, collections = page.read_text(encoding="utf-8").partition("\n## Public collections\n")
    page.write_text(HEAD + total + "\n".join(lines) + "\n" + heading + collections, encoding="utf-8")


def describe(name: str) -> list[str]:
    """Give the row of a model."""
    import drainage as dr
    from tests.support.package_models import BLANK, MODELS, REFUSED, TIDAL, WITHOUT_PIPES, run_again

    if name in BLANK:
        return [name, *["–"] * 7, "a blank form with no node: not read"]
    net = dr.read_network(MODELS[name])
    size = [str(len(net.nodes)), str(len(net.pipes))]
    refused = REFUSED.get(name)
    said = [f"refused (error {refused.error}): {refused.reason}"] if refused else []
    said += ["no links: nothing to raise"] if name in WITHOUT_PIPES else []
    said += ["the level of its outfall is a series or curve: not raised"] if name in TIDAL else []
    if refused is not None and refused.mend is None:
        return [name, *size, *["–"] * 5, "; ".join(said)]
    with tempfile.TemporaryDirectory() as folder:
        first, again, *raised = run_again(name, Path(folder), whole=True)
    said += [] if any((*first.flooded.values(), *first.outfall.values())) else ["no water floods or leaves it"]
    cells = [*compared(first, again), *(compared(first, raised[0]) if raised else ["–", "–"])]
    return [name, *size, str(len(first.flooded)), *cells, "; ".join(said)]


def compared(first: FileRun, other: FileRun) -> list[str]:
    """Say whether the same nodes flood, and the largest difference of their and the outfalls' volumes in %."""
    before, after = ({**run.flooded, **{f"outfall {n}": v for n, v in run.outfall.items()}} for run in (first, other))
    differences = [abs(after.get(key, 0.0) - volume) / volume for key, volume in before.items() if volume > 0.0]
    worst_pct = 100.0 * max(differences, default=0.0)
    return ["yes" if first.flooded.keys() == other.flooded.keys() else "no", f"{worst_pct:.3f} %"]


if __name__ == "__main__":
    main()
