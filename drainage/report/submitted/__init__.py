"""What a contractor delivers of built works: understood, checked, applied to the network, and what it changes."""

from drainage.report.submitted.computed import Computed, compute_delivery
from drainage.report.submitted.template import write_template
from drainage.report.submitted.understanding import Delivery, read_delivery

__all__ = ["Computed", "Delivery", "compute_delivery", "read_delivery", "write_template"]
