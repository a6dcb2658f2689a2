"""Thousands of questions made from a description by schemathesis, asked of a server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

#: A finding comes again.
SEED: Final = 19
CHECKS: Final = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
    "response_headers_conformance",
)  # fmt: skip


def asked(address: str, folder: Path, *words: str, examples: int, **environment: str) -> int:
    """Ask what the description allows, no answer of which may be a fault; return how many questions were made."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [str(program), "run", f"{address}/api", "--seed", str(SEED), "--phases", "coverage,fuzzing,stateful"]
    command += [*words, "--max-examples", str(examples), "--generation-deterministic", "--checks", ",".join(CHECKS)]
    command += ["--continue-on-failure", "--no-color"]
    told = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=900, check=False, env={**os.environ, **environment}
    )
    assert told.returncode == 0, told.stdout[-60_000:] + told.stderr[-2_000:]
    made = re.search(r"([\d,]+) generated", told.stdout)
    assert made is not None, told.stdout[-2_000:]
    return int(made[1].replace(",", ""))
