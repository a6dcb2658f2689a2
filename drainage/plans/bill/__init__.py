"""Bill of quantities 工程量清单: works by kind, system, size and depth of the trench, and what they cost."""

from drainage.plans.bill.price_file import write_price_list
from drainage.plans.bill.price_list import Price, PriceList
from drainage.plans.bill.quantities import take_quantities
from drainage.plans.bill.trench import Trench

__all__ = ["Price", "PriceList", "Trench", "take_quantities", "write_price_list"]
