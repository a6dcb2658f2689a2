"""What to build so that points are within the standard."""

from drainage.plans.relief.built import with_works
from drainage.plans.relief.plan import plan_relief

__all__ = ["plan_relief", "with_works"]
