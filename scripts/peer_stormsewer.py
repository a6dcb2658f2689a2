"""Answer projects by `stormsewer`: run by a Python that has it, JSON in and JSON out, with nothing of ours.

That package is under the GPL: it is compared with from the outside and never imported by anything else here.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version

import stormsewer

#: As many as of the screening.
CALLS = 4


def main() -> None:
    """Read a list of projects, write the nodes or the refusal of each, and the shortest time of all."""
    texts = [json.dumps(project) for project in json.load(sys.stdin)]
    times = []
    for _ in range(CALLS):
        begin = time.perf_counter()
        answers = [_answer(text) for text in texts]
        times.append(time.perf_counter() - begin)
    json.dump({"answers": answers, "seconds": min(times), "version": version("stormsewer")}, sys.stdout)


def _answer(text: str) -> dict[str, object]:
    try:
        return {"nodes": stormsewer.analyze_project(text)["nodes"]}
    except ValueError as error:
        return {"refusal": str(error)}


if __name__ == "__main__":
    main()
