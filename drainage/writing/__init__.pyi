# The names of this room; `__init__.py` loads them from here when they are first used.
from .frames import geojson_document as geojson_document
from .frames import to_geojson as to_geojson
from .frames import with_names as with_names
from .frames import with_places as with_places
from .frames import write_layer as write_layer
from .frames import write_provenance as write_provenance
from .replacing import changed_files as changed_files
from .replacing import check_free as check_free
from .replacing import check_free_answer as check_free_answer
from .replacing import check_free_directory as check_free_directory
from .replacing import check_goals as check_goals
from .replacing import is_unchanged as is_unchanged
from .replacing import replacing_both as replacing_both
from .replacing import replacing_directory as replacing_directory
from .replacing import replacing_file as replacing_file
from .replacing import replacing_files as replacing_files
from .replacing import spare as spare
from .replacing import write_sidecars as write_sidecars
from .vector import VECTOR_ENDINGS as VECTOR_ENDINGS
from .vector import shapefile_losses as shapefile_losses
from .vector import write_vector as write_vector
from .workshop import alone as alone
from .workshop import scratch as scratch
from .workshop import settle as settle

__all__: list[str]  # noqa: PYI035 - made of the names above
