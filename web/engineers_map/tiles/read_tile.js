/* A vector tile as paths to draw: by number of the layer and look, in the units of the tile. */
import { VectorTile } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";

const emptyPaths = () => ({ line: null, area: null, marks: [] });

/* (layer, look) pairs of a feature: `l` and `c` of the overview, `a1`, `a2`, … of the city. */
export const looksOf = (properties) => {
  if (properties.l !== undefined) return [[properties.l, properties.c]];
  return Object.keys(properties).filter((name) => /^a\d+$/.test(name))
    .map((name) => [Number(name.slice(1)), properties[name]]);
};

const draw = (path, parts, closed) => {
  parts.forEach((points) => {
    points.forEach(({ x, y }, k) => (k ? path.lineTo(x, y) : path.moveTo(x, y)));
    if (closed) path.closePath();
  });
};

export const readTile = (bytes, newPath = () => new Path2D()) => {
  const { layers } = new VectorTile(new PbfReader(bytes)), layer = layers.c, found = new Map();
  if (!layer) return { extent: 4096, found };
  for (let i = 0; i < layer.length; i += 1) {
    const feature = layer.feature(i), parts = feature.loadGeometry();
    looksOf(feature.properties).forEach(([number, look]) => {
      const key = number + ":" + look;
      if (!found.has(key)) found.set(key, emptyPaths());
      const paths = found.get(key);
      if (feature.type === 1) parts.forEach((points) => points.forEach(({ x, y }) => paths.marks.push(x, y)));
      else {
        const kind = feature.type === 3 ? "area" : "line";
        if (!paths[kind]) paths[kind] = newPath();
        draw(paths[kind], parts, feature.type === 3);
      }
    });
  }
  return { extent: layer.extent, found };
};
