"""Contents of public pages: the demonstration's, small towns made here, and one full of hostile texts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEMO = Path(__file__).parents[1] / "publication" / "demo_contents.json"
#: Texts that leave their place if any face takes them for anything but text.
HOSTILE = (
    "</script><script>document.title='BROKEN'</script>",
    "<img src=x onerror=\"document.title='BROKEN'\">",
    "{{7*7}}${7*7}$words$title",
    "\u202edrawkcab",
    "شارع الملك فهد",
    "a'\"`&amp;\u2028\u2029]]>--><!--",
)


def demo_contents(**changes: object) -> dict[str, Any]:
    """Return what the page of the demonstration holds (synthetic), with changes."""
    found: dict[str, Any] = json.loads(DEMO.read_text(encoding="utf-8"))
    return found | changes


def one_rain(**changes: object) -> dict[str, Any]:
    """Return the page of a report with one storm and no day before: nothing to choose, nothing solved."""
    contents = demo_contents()
    rain = next(rain for rain in contents["rains"] if rain["k"] == contents["default"])
    return contents | {"rains": [rain | {"b": "", "s": {}}], "before": None, "days": []} | changes


def small_town(**changes: object) -> dict[str, Any]:
    """Return a town of two roads of one stretch each, the first of which floods; no river, no blocks, no reports.

    .. code-block:: text

        (0)---- 长街 ----(1)
         |
        短街
         |
        (2)
    """
    demo = demo_contents()
    rain = demo["rains"][0] | {
        "k": "p3",
        "g": 3,
        "P": 3,
        "mm": 67,
        "n": "E",
        "t": "C",
        "w": "A",
        "b": "",
        "s": {},
        "o": 2,
    }
    own: dict[str, Any] = {
        "city": {"zh": "小城", "en": ""}, "synthetic": False, "date": "", "before": None, "days": [], "rains": [rain],
        "roads": [["长街", "Chang Street", "changjie", "cj", 3], ["短街", "", "duanjie", "dj", 1]],
        "st": [[0, 0, 1], [1, 0, 2]], "l": "100 100 200 0,100 100 0 150", "town": [], "river": [], "rname": [],
        "water": [], "wname": [], "size": [400, 350], "seen": [],
    }  # fmt: skip
    return demo | own | changes


def large_town(side: int = 39) -> dict[str, Any]:
    """Return a grid of ``2 × side × (side - 1)`` stretches, half of them flooded in each of its twelve rains."""
    demo = demo_contents()
    names = [
        [f"{way}{k}路", f"{way}{k} Road", f"lu{way}{k}", f"l{k}", 1 + k % 3] for way in "纵横" for k in range(side)
    ]
    stretches, lines = [], []
    for way in range(2):
        for road in range(side):
            for k in range(side - 1):
                ends = [(k, road), (k + 1, road)] if way else [(road, k), (road, k + 1)]
                stretches.append([way * side + road, *(x * side + y for x, y in ends)])
                lines.append(f"{60 + 60 * ends[0][0]} {60 + 60 * ends[0][1]} {60 if way else 0} {0 if way else 60}")
    count = len(stretches)
    depths = "".join(".BCDEFGHIJKL.."[(7 * k) % 14] for k in range(count))
    rains = [rain | {"n": depths, "t": depths, "w": depths, "b": depths, "s": {}} for rain in demo["rains"]]
    own = {"roads": names, "st": stretches, "l": ",".join(lines), "rains": rains, "seen": [], "town": []}
    return demo | own | {"size": [60 * side + 120] * 2}


def hostile() -> dict[str, Any]:
    """Return the demonstration with a hostile text in place of every text of the data that a reader sees."""
    contents = demo_contents(city={"zh": HOSTILE[0], "en": HOSTILE[1]}, formula={"name": HOSTILE[1], "verified": False})
    contents["roads"] = [
        [f"{HOSTILE[k % 6]}{k}", f"{HOSTILE[(k + 1) % 6]}{k}", p, i, r]
        for k, (_, _, p, i, r) in enumerate(contents["roads"])
    ]
    contents["rname"] = [list(HOSTILE[:2]) for _ in contents["rname"]]
    contents["tel"] = [["119", HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3]], ["<b>1</b>2", *HOSTILE[2:6]]]
    return _each_text(contents, ("pass",), lambda text: HOSTILE[0] + text)


def _each_text(contents: dict[str, Any], keys: tuple[str, ...], change: Callable[[str], str]) -> dict[str, Any]:
    def walk(value: object) -> object:
        if isinstance(value, str):
            return change(value)
        if isinstance(value, list):
            return list(map(walk, value))
        return {key: walk(one) for key, one in value.items()} if isinstance(value, dict) else value

    return contents | {key: walk(contents[key]) for key in keys}
