/* Traces from what is chosen, and the drawer that shows their long section. */
import { startOf } from "./asking/item.js";
import { keyOf } from "./asking/model.js";
import { networkOf, systemsOf } from "./asking/network.js";
import { meshOf, trace as traceFrom } from "./asking/trace.js";

export const tracing = (desk) => {
  const { model, drawn } = desk,
    meshes = new WeakMap();
  const meshFor = (network) => {
    if (!meshes.has(network)) meshes.set(network, meshOf(network));
    return meshes.get(network);
  };
  const traced = () => {
    const asked = desk.state.trace,
      network = desk.network(),
      from = asked && network ? model.find(desk.state.period, asked.ref) : null;
    const start = from ? startOf(model, network, from) : null;
    if (!start) return null;
    const once = `${asked.direction} ${asked.ref}`;
    const found = model.remembered(network, once, () =>
      traceFrom(network, meshFor(network), start, asked.direction, systemsOf(model, network)),
    );
    return found ? { found, direction: asked.direction, id: from.id } : null;
  };
  const show = () => {
    const one = traced(),
      network = desk.network();
    if (!one) return drawn.path(null);
    const { pipes, main, outfalls } = one.found;
    return drawn.path({
      layer: keyOf(network.pipeLayer),
      pipes,
      main,
      outfalls: outfalls.map((row) => ({ layer: keyOf(network.nodeLayer), row })),
    });
  };
  return {
    network: () => networkOf(model, desk.state.period),
    traced,
    showTrace: show,
    hasLevels: () => {
      const network = desk.network();
      return Boolean(network && network.invert_up_m);
    },
    trace: (direction) => {
      const ref = desk.state.picked,
        now = desk.state.trace;
      if (!ref) return;
      if (now && now.ref === ref && now.direction === direction) {
        desk.untrace();
        return;
      }
      desk.set({ trace: { direction, ref } });
      const one = traced();
      if (!one) {
        desk.untrace();
        return;
      }
      desk.fit(one.found.pipes.slice(0, 5000).map((row) => ({ layer: desk.network().pipeLayer, row })));
      desk.say(desk.parts.strip.box.textContent);
    },
    untrace: () => desk.set({ trace: null, drawer: desk.state.drawer === "section" ? null : desk.state.drawer }),
    drawer: (which) => {
      const next = which === desk.state.drawer ? null : which;
      if (next === "section" && !traced() && desk.state.picked)
        desk.state.trace = { direction: "outfall", ref: desk.state.picked };
      if (next === "section" && !traced()) return;
      desk.set({ drawer: next });
      desk.resized();
      if (next === "section") desk.fit(traced().found.main.map((row) => ({ layer: desk.network().pipeLayer, row })));
      if (next) desk.parts.drawer.focus();
    },
  };
};
