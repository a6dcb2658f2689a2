# The public names of this room; `__init__.py` loads them from here when they are first used.
from .demo import load_demo as load_demo
from .ground import ground_from_dem as ground_from_dem
from .lone_layers import read_roads as read_roads
from .lone_layers import read_sightings as read_sightings
from .read import as_network as as_network
from .read import read_network as read_network

__all__: list[str]  # noqa: PYI035 - made of the names above
