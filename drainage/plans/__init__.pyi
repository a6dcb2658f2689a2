# The public names of this room; `__init__.py` loads them from here when they are first used.
from .bill import Price as Price
from .bill import PriceList as PriceList
from .bill import Trench as Trench
from .bill import take_quantities as take_quantities
from .bill import write_price_list as write_price_list
from .cleaning import ConditionRules as ConditionRules
from .cleaning import changes_of_cleaning as changes_of_cleaning
from .cleaning import plan_cleaning as plan_cleaning
from .closures import changes_of_closures as changes_of_closures
from .closures import plan_closures as plan_closures
from .effects_of_edits import what_if as what_if
from .inspection import plan_inspection as plan_inspection
from .relief import changes_of_relief as changes_of_relief
from .relief import plan_relief as plan_relief
from .relief import with_works as with_works

__all__: list[str]  # noqa: PYI035 - made of the names above
