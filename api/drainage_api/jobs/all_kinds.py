"""What the workers of a server can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drainage_api.jobs.answering_anew import EVIDENCE
from drainage_api.jobs.computing import SUBMISSION
from drainage_api.jobs.kinds import Kind
from drainage_api.store import findings
from drainage_api.store.submitting import submitted

KINDS: Final[Mapping[str, Kind]] = {submitted.KIND: SUBMISSION, findings.KIND: EVIDENCE}
