# The names of this room; `__init__.py` loads them from here when they are first used.
from .answers.columns_understood import network_line as network_line
from .answers.columns_understood import source_facts as source_facts
from .answers.columns_understood import source_told as source_told
from .answers.mixing_grades import grades_told as grades_told
from .answers.other_day import other_day_told as other_day_told
from .answers.page_counts import page_told as page_told
from .answers.papers_drawn import paper_facts as paper_facts
from .answers.papers_drawn import paper_told as paper_told
from .answers.registered import formulas_told as formulas_told
from .answers.repaired import repair_facts as repair_facts
from .answers.repaired import repair_told as repair_told
from .answers.rules_found import rules_told as rules_told
from .answers.storm_curves import bounds_told as bounds_told
from .answers.storm_curves import intensities_told as intensities_told
from .answers.survey_understood import survey_told as survey_told
from .answers.what_became import outcome_told as outcome_told
from .first_tables import tables_told as tables_told
from .kinds_of_issues import counted as counted
from .kinds_of_issues import kinds_told as kinds_told
from .losses import signs_lost as signs_lost
from .losses import tables_lost as tables_lost
from .summaries import assumptions_told as assumptions_told
from .summaries import issues_told as issues_told
from .summaries import side_by_side as side_by_side
from .summaries import summary_told as summary_told

__all__: list[str]  # noqa: PYI035 - made of the names above
