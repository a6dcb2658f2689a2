"""What to build so that points are within the standard."""

from drainage.plans.relief.built import with_works
from drainage.plans.relief.plan import plan_relief
from drainage.plans.relief.relief_edits import changes_of_relief

__all__ = ["changes_of_relief", "plan_relief", "with_works"]
