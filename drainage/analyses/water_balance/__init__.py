"""Where the sewage of a town goes in dry weather, and how much of it comes back as reclaimed water."""

from __future__ import annotations

from drainage.analyses.water_balance.balance_of_water import measure_balance
from drainage.analyses.water_balance.balance_terms import BalanceTerms

__all__ = ["BalanceTerms", "measure_balance"]
