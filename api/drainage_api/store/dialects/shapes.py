"""Geometry in a column: WKB in a file, a geometry of PostGIS on a server, where QGIS sees it; bytes to all who ask."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, LargeBinary
from sqlalchemy.types import TypeDecorator, TypeEngine

#: Longitude and latitude on WGS 84.
_SRID = 4326


class Shape(TypeDecorator[bytes]):
    """A geometry in longitude and latitude (EPSG:4326), given and returned as WKB."""

    impl = LargeBinary
    cache_ok = True
    spatial_index = False  # which GeoAlchemy2 looks for; a city has some thousand rows

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """Return the type of the column in a database; GeoAlchemy2 asks without naming one."""
        if dialect is None or dialect.name != "postgresql":
            return LargeBinary()
        from geoalchemy2 import Geometry

        return dialect.type_descriptor(Geometry(srid=_SRID, spatial_index=False))

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ANN401 - as the column takes it
        """Return what is written."""
        if value is None or dialect.name != "postgresql":
            return value
        from geoalchemy2 import WKBElement

        return WKBElement(value, srid=_SRID)

    def process_result_value(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ANN401 - as the column gives it
        """Return what was read."""
        if value is None or dialect.name != "postgresql":
            return None if value is None else bytes(value)
        import shapely

        found: bytes = shapely.to_wkb(shapely.set_srid(shapely.from_wkb(bytes(value.data)), 0))
        return found
