"""Where sewage and storm water mix, which misconnection does it, how much and how far.

`find` holds the definitions and the tables, `sewage` the amount that each misconnection lets in.
"""

from drainage.analyses.mixed_flow.find import find_mixed_flow

__all__ = ["find_mixed_flow"]
