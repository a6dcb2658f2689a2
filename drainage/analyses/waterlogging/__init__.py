"""Where a city waterlogs in a storm, how deep, from which return period on, and why.

Definition.  A node whose grade line would rise above the ground overflows.  A *point* is a group
of overflowing nodes of one road that are connected by pipes both of whose ends overflow, if the
water stands at least 5 cm deep there.  Its *cause* is what would remove most of its overflow if it
were removed: found by screening the network again without it.  Its *relief* is the smallest set of
works that brings it within the standard (`drainage.plans.relief`).
"""

from drainage.analyses.waterlogging.find import find_waterlogging
from drainage.analyses.waterlogging.points import GRADES
from drainage.analyses.waterlogging.sightings import LAID_SINCE, NOT_EXPLAINED
from drainage.analyses.waterlogging.standard import drain_down_limit_h

__all__ = [
    "GRADES",
    "LAID_SINCE",
    "NOT_EXPLAINED",
    "drain_down_limit_h",
    "find_waterlogging",
]
