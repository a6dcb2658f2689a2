# The public names of this room; `__init__.py` loads them from here when they are first used.
from .counts import Counts as Counts
from .imprint import Imprint as Imprint
from .published import PublicPage as PublicPage
from .published import page_of_network as page_of_network
from .published import page_of_report as page_of_report
from .shown_sightings import page_with_sightings as page_with_sightings
from .shown_sightings import seen_features as seen_features
from .street_features import street_features as street_features

__all__: list[str]  # noqa: PYI035 - made of the names above
