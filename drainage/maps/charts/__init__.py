"""Charts of every answer by matplotlib: what can be plotted is told in `charts.toml`, how it looks in `canvas`."""
