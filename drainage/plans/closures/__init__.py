"""Which misconnections to close first, what that frees, and which sewer can take what they let in.

`groups` gathers pipes that the same misconnections pollute, `optimum` chooses by integer programming, `receiving` looks
for the sewer, `plan` asks and answers.
"""

from drainage.plans.closures.budget import plan_closures
from drainage.plans.closures.closure_edits import changes_of_closures

__all__ = ["changes_of_closures", "plan_closures"]
