"""The looks of the map in the words of QGIS: symbols, styles that travel in a GeoPackage, projects."""
