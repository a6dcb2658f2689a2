"""Evidence that is posted: read, and what it changes in the answers that evidence can change."""

from drainage.report.evidenced.answers import Answered, answer_with_evidence
from drainage.report.evidenced.posted import KINDS, EvidenceFile

__all__ = ["KINDS", "Answered", "EvidenceFile", "answer_with_evidence"]
