"""Matches the columns of the real cities, or of the made deliveries, and counts what was read rightly, wrongly, not.

``python validation/column_matching.py [--city NAME …] [--made] [--deprived | --masked | --renamed] [--seed 1]``

``--deprived`` takes the words that only one city uses (names and values) out of the lists before it is matched, in a
copy of the package; ``--masked`` replaces a quarter of the names by names that say nothing, ``--renamed`` each name by
another of the catalogue. Exit code 1 where a column was read wrongly without a warning.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
if str(ROOT) not in os.environ.get("PYTHONPATH", "").split(os.pathsep):
    sys.path.insert(0, str(ROOT))

from drainage.schema.codes import fold  # noqa: E402 - the path is known from here on
from tests.cities import made, scoring  # noqa: E402
from tests.conftest import SHARED  # noqa: E402

NETWORKS = SHARED / "networks"
LISTS = ("vocabulary.toml", "layers.toml", "codes.toml")
_WORD = re.compile(r"[^\s\"]+")
_MOST_VALUES = 60
_SHOWN = ("required", "right", "wrong", "missed", "warned", "wrong and sure")


def main() -> int:
    """Match every city, print what differs from the truth, and the counts."""
    options = _options()
    total: Counter[str] = Counter()
    lines = []
    deliveries = made.made() if options.made else {}
    for city in options.city or sorted(deliveries or scoring.truths()):
        begin = time.perf_counter()
        judged = _deprived(city) if options.deprived else scoring.judge(_known(city, deliveries, options))
        counts = scoring.counts(judged)
        total += counts
        lines.append(_line(city, counts, f"{time.perf_counter() - begin:.1f}"))
        if options.json:
            print(json.dumps(judged))
        elif not options.quiet:
            print(*[_difference(city, one) for one in judged if one.verdict != "right"], sep="\n")
    if not options.json:
        head = f"{'':16}" + "".join(f"{key.replace(' and ', '+'):>12}" for key in (*_SHOWN, "seconds"))
        print(head, *lines, _line("all", total, f"{total['right'] / total['required']:.1%}"), sep="\n")
    return int(total["wrong and sure"] > 0)


def _line(name: str, counts: Counter[str], last: str) -> str:
    return f"{name:16}" + "".join(f"{counts[key]:12}" for key in _SHOWN) + f"{last:>12}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--city", nargs="*")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--deprived", action="store_true")
    how.add_argument("--masked", action="store_true")
    how.add_argument("--renamed", action="store_true")
    parser.add_argument("--made", action="store_true", help="the made deliveries instead of the cities")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--json", action="store_true", help="what was judged, a line of JSON for each city")
    return parser.parse_args()


def _known(city: str, deliveries: dict[str, list[scoring.Known]], options: argparse.Namespace) -> list[scoring.Known]:
    known = deliveries[city] if deliveries else scoring.delivery(NETWORKS, city)
    if options.masked:
        return scoring.renamed(known, scoring.masking(options.seed))
    return scoring.renamed(known, scoring.by_the_catalogue(options.seed)) if options.renamed else known


def _difference(city: str, one: scoring.Judged) -> str:
    said = "" if one.verdict == "missed" else " surely" if one.sure else " with a warning"
    return f"{one.verdict}{said}: {city} {one.place} {one.column} = {list(one.read)}, expected {list(one.expected)}"


def _deprived(city: str) -> list[scoring.Judged]:
    """Match a city by a copy of the package that lacks the words that no other city uses."""
    others = frozenset().union(*(_spoken(name) for name in scoring.truths() if name != city))
    lost = _spoken(city) - others
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        shutil.copytree(ROOT / "drainage", copy / "drainage", ignore=shutil.ignore_patterns("__pycache__"))
        for path in [path for path in copy.rglob("*.toml") if path.name in LISTS]:
            path.write_text(_without(path.read_text(encoding="utf-8"), lost), encoding="utf-8")
        paths = os.pathsep.join((str(copy), str(ROOT)))
        command = [sys.executable, __file__, "--json", "--city", city]
        environment = {**os.environ, "PYTHONPATH": paths}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(done.stderr)
    return [scoring.Judged(*one) for one in json.loads(done.stdout)]


@cache
def _spoken(city: str) -> frozenset[str]:
    """Words of the names of a city's columns, what they begin or end with where they are glued, and short values."""
    words: set[str] = set()
    for table, _, _ in scoring.delivery(NETWORKS, city):
        rows = table.rows.drop(columns=table.rows.geometry.name)
        parts = scoring.words_in(rows.columns)
        words |= parts | {cut for part in parts for n in range(3, len(part)) for cut in (part[:n], part[-n:])}
        texts = [column for _, column in rows.select_dtypes(["object", "string"]).items()]
        few = [column for column in texts if column.astype(str).nunique() <= _MOST_VALUES]
        values = {str(value) for column in few for value in column.dropna().unique()}
        words |= {fold(value) for value in values} | scoring.words_in(values)
    return frozenset(words)


def _without(text: str, lost: frozenset[str]) -> str:
    """Take words out of the lists of a file of words; what else it says stays."""
    kept, of_words = [], "[columns]" not in text and "[names]" not in text
    for line in text.splitlines():
        if line.startswith("["):
            of_words = bool(re.match(r"\[(layers\..*\.columns|names|foreign|values|system|kind|shape|status)", line))
        key, equals, said = line.partition(" = ") if of_words and " = " in line else ("", "", line)
        if of_words and not said.startswith(("{", "[", "#")):
            said = _WORD.sub(lambda met: "" if lost & {*met[0].split("+"), met[0]} else met[0], said)
        kept.append(key + equals + said)
    return "\n".join(kept)


if __name__ == "__main__":
    sys.exit(main())
