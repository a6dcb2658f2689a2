"""The pay sheet of a contract: what its terms say, what was measured before and after, and what is to be paid."""

from drainage.report.pay.sheet import pay_sheet
from drainage.report.pay.terms import PayTerms

__all__ = ["PayTerms", "pay_sheet"]
