"""Which pipes to clean first: what silt they hold, whether they keep themselves clean, what overflow cleaning avoids.

Definition.  A pipe is *to be cleaned* where its silt reaches a share of its height, or where the functional defects
that a camera found in it give it an MI above class Ⅰ.  A *run* is a group of such pipes of one road and one system that
join end to end.  What cleaning a run avoids is found by screening the storm again with that run clean and all others as
they are.
"""

from drainage.plans.cleaning.cleaning_edits import changes_of_cleaning
from drainage.plans.cleaning.condition import ConditionRules
from drainage.plans.cleaning.priorities import plan_cleaning

__all__ = ["ConditionRules", "changes_of_cleaning", "plan_cleaning"]
