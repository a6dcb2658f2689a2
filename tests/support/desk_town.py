"""A small town whose desk is open: keys of each role, and submissions that are brought to any state by hand.

What a worker would write is written here with the same calls of the store, so that the pages are tested without one.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from starlette.testclient import TestClient

from drainage.analyses.quality import RULES
from drainage.said import Said
from drainage_api.access.keeper import Keeper, Vault
from drainage_api.store.findings import Evidence, Posted
from drainage_api.store.spotted import Seen
from drainage_api.store.submitting.records import Person, Sent, Submission
from tests.support.asking import asking
from tests.support.photographs import photograph
from tests.support.served_town import OURS, THEIRS, flooded, serving

#: Names of the people who have a key.
CONTRACTOR: Final = "Li"
OTHER: Final = "Zhou"
ENGINEER: Final = "Wang"
OPERATOR: Final = "Zhao"
HOSTILE: Final = "\"><img src=x onerror=alert(1)><script>alert(2)</script>{{ 7*7 }}'&"
INTAKE: Final[dict[str, Any]] = {
    "file": "built.xlsx",
    "format": "xlsx",
    "crs": "EPSG:4548",
    "counts": {"add": 2, "change": 1, "abandon": 0, "remove": 0, "unchanged": 3},
    "layers": [{"layer": "pipes", "action": "add", "features": 2}],
    "columns": {
        "pipes: built.xlsx": {
            "pipe_id": {"read_from": "管号", "sure": "yes", "why": [{"zh": "列名", "en": "its name"}]},
            "diameter_mm": {"read_from": ["规格", "径"], "sure": "no", "why": []},
        }
    },
    "not_understood": {"pipes: built.xlsx": {"备注2": {"zh": "没有取值", "en": "empty"}}},
    "decided": [{"zh": "按现状坐标系读取", "en": "read in the system of the network"}],
    "not_expressed": [],
    "issues": {
        "count": 40,
        "rows": [{"feature_kind": "pipe", "feature_id": "P1", "severity": "warning", "code": "flat",
                  "reason": {"zh": "坡度过小", "en": "too flat"}, "action": {"zh": "保留", "en": "kept"}}],
    },
    "broken": {
        "count": 4,
        "rows": [
            {"rule": "long_lead", "severity": "info", "feature_kind": "pipe", "feature_id": f"P{k}", "other_id": None,
             "reason": {"zh": "连接管过长", "en": "too long"}, "remedy": {"zh": "核实长度", "en": "check"},
             "clause": RULES["long_lead"].clause.by_language()}
            for k in range(4)
        ],
    },
    "score": {"score": 87.25, "features": 30, "errors_share": 0.1, "warnings_share": 0.0, "guessed_share": 0.004,
              "missing_share": 0.03},
}  # fmt: skip
DOCUMENT: Final[dict[str, Any]] = {
    "base": {"day": "2018-12-31", "pipes": 12},
    "counts": INTAKE["counts"],
    "summary": {"zh": "解决积水点 1 处。", "en": "Solves 1 waterlogging point."},
    "points": [
        {"point_id": "L1", "road": OURS, "fate": "solved", "before_m3": 1230.9, "after_m3": 0.0},
        {"point_id": "L9", "road": OURS, "fate": "new", "before_m3": None, "after_m3": 4.0},
    ],
    "misconnections": [],
    "roads": [
        {"road": OURS, "effective_pct_before": 64.1, "effective_pct_after": 81.3, "changed": True},
        {"road": THEIRS, "effective_pct_before": 1.0, "effective_pct_after": 1.0, "changed": False},
    ],
    "breaks": [
        {"road": OURS, "severity": "warning", "said": {"zh": "n5 下游没有出路", "en": "n5 has no way out"}},
        *({"road": OURS, "severity": "warning", "feature_id": name, "said": {"zh": "不再有出路", "en": "leads nowhere"}}
          for name in ("n8", "n9")),
        {"road": OURS, "severity": "info", "said": {"zh": "n7 不再有管段", "en": "n7 is alone"}},
    ],
    "pay": {
        "why_not": None,
        "lines": [{"road": OURS, "object": OURS, "item": {"zh": "分流", "en": "separation"}, "most_points": 9.0,
                   "got_points_before": 3.0, "got_points_after": 5.0, "moved": 2.0}],
    },
    "not_measured": {"zh": "没有测流数据。", "en": "No flow was measured."},
}  # fmt: skip


EVIDENCED: Final[dict[str, Any]] = {
    "read": {
        "rows": 9,
        "set_aside": 1,
        "issues": [{"row": "cctv.csv 3", "severity": "error", "code": "x", "reason": "没有这口井 no such manhole"}],
        "remarks": [],
    },
    "answers": {
        "sources": {"summary": {}, "rows": [], "count": 0},
        "infiltration": {"not_answered": "还缺降雨记录 a record of rain is wanting"},
        "cleaning": {"summary": {}, "rows": [], "count": 0},
    },
    "changes": {
        "sources": [{"road": OURS, "probability_before": 0.2, "probability_after": 0.9}],
        "infiltration": [],
        "cleaning": [],
    },
}


@dataclass(frozen=True, eq=False)
class DeskTown:
    """The application, its store and the keys of its people by their names."""

    app: FastAPI
    vault: Vault
    keys: dict[str, str]
    prefixes: dict[str, str]

    def asks(self, name: str, **headers: str) -> TestClient:
        """Return a client of somebody, who wants pages."""
        client = asking(self.app, self.keys[name])
        client.headers.update({"Accept": "text/html", **headers})
        return client

    def submitted(
        self,
        by: str = CONTRACTOR,
        *,
        filename: str = "built.xlsx",
        words: str = "",
        **sent: Any,  # noqa: ANN401
    ) -> Submission:
        """Take a submission in."""
        digest = self.vault.objects.put(filename.encode())
        one = Sent(filename, "xlsx", digest, len(filename.encode()), words, **sent)
        roads = {CONTRACTOR: [OURS], OTHER: [THEIRS]}.get(by, [])
        person = Person(by, "contractor", self.prefixes[by])
        return self.vault.submissions.receive(one, person, roads, most_waiting=100)

    def checked(self, one: Submission, **intake: Any) -> None:  # noqa: ANN401
        """Bring it on as the first half of its job does."""
        with self.vault.database.writing() as connection:
            self.vault.submissions.checked(connection, one.id, {**INTAKE, **intake})

    def computed(self, one: Submission, **document: Any) -> Submission:  # noqa: ANN401
        """Bring it to the state in which it can be decided."""
        self.checked(one)
        return self.compared(one, **document)

    def compared(self, one: Submission, **document: Any) -> Submission:  # noqa: ANN401
        """Bring it on as the second half of its job does."""
        whole = {**DOCUMENT, **document}
        kept = self.vault.objects.put(json.dumps(whole, ensure_ascii=False).encode())
        drawn = self.vault.objects.put(flooded().page.encode())
        parts = {
            "changes.geojson": self._changes(),
            "map.html": drawn,
            "map_en.html": self.vault.objects.put(b"<p>in English"),
        }
        page = self.vault.objects.put(json.dumps(parts).encode())
        broken = sum(one["severity"] == "warning" for one in whole["breaks"])
        told = {"counts": whole["counts"], "summary": whole["summary"], "breaks": broken}
        with self.vault.database.writing() as connection:
            held = {
                "document": kept,
                "tree": self.tree,
                "page": page,
                "own_map": drawn,
                "own_map_en": parts["map_en.html"],
                **told,
            }
            self.vault.submissions.computed(connection, one.id, held)
        found = self.vault.submissions.get(one.id)
        assert found is not None
        return found

    def seen(self, words: str, *, photo: bool = False) -> str:
        """Let somebody tell of water in a street; return the id of it."""
        picture = self.vault.objects.put(photograph()) if photo else None
        seen = Seen(at=time.time(), lon=117.5, lat=33.5, depth_m=0.3, words=words)
        return self.vault.sightings.add(seen, picture, "192.0.2.1", most=10)[0].id

    def evidence(self, kind: str = "cctv", filename: str = "cctv.csv") -> Evidence:
        """Post a piece of evidence."""
        content = b"pipe_id\np1\n"
        posted = Posted(
            key=self.prefixes[CONTRACTOR], name=CONTRACTOR, roads=(OURS,), kind=kind, filename=filename,
            digest=self.vault.objects.put(content), size=len(content),
        )  # fmt: skip
        return self.vault.evidence.post(posted, most_waiting=9)

    def evidenced(self, one: Evidence, **document: Any) -> None:  # noqa: ANN401
        """Answer with evidence as its job does."""
        kept = self.vault.objects.put(json.dumps({**EVIDENCED, **document}, ensure_ascii=False).encode())
        with self.vault.database.writing() as connection:
            self.vault.evidence.computed(connection, one.id, {"document": kept, "version": 1})

    def failed(self, one: Submission, chinese: str, english: str) -> None:
        """Let it fail."""
        with self.vault.database.writing() as connection:
            self.vault.submissions.failed(connection, one.id, Said(english, chinese))

    def decided(self, one: Submission, *, accept: bool, comment: str = "") -> None:
        """Decide as an engineer."""
        person = Person(ENGINEER, "engineer", self.prefixes[ENGINEER])
        assert self.vault.submissions.decide(one.id, person, accept=accept, comment=comment).stands

    @property
    def tree(self) -> str:
        """The digest of the tree of the newest version."""
        head = self.vault.versions.head()
        assert head is not None
        return head.tree

    def _changes(self) -> str:
        pipes = flooded().network.pipes.iloc[:3][["geometry"]].to_crs("OGC:CRS84")
        pipes["change"] = ["added", "abandoned", "relaid"]
        return self.vault.objects.put(pipes.to_json().encode())


@contextmanager
def desk_town(place: Path) -> Iterator[DeskTown]:
    """Open the desk of the town, with version 1 as its report was written."""
    app = serving(store=place / "store")
    keeper: Keeper = app.state.keeper
    assert keeper.vault is not None
    vault = keeper.vault
    people = {
        CONTRACTOR: vault.keys.add(CONTRACTOR, "contractor", roads=[OURS]),
        OTHER: vault.keys.add(OTHER, "contractor", roads=[THEIRS]),
        ENGINEER: vault.keys.add(ENGINEER, "engineer"),
        OPERATOR: vault.keys.add(OPERATOR, "operator"),
    }
    if vault.versions.head() is None:
        flooded().write(place / "report")
        vault.versions.begin(vault.objects.put_tree(place / "report"), day="2018-12-31")
    keys = {name: text for name, (_, text) in people.items()}
    try:
        yield DeskTown(app, vault, keys, {name: key.prefix for name, (key, _) in people.items()})
    finally:
        keeper.close()
