// Two periods on one place: a second map lies over the first, up to an edge that a slider moves.
import { createMap } from 'house/map';
import { boardLayers } from 'house/planning-map';

/**
 * @param {maplibre.Map} map the one below, whose movements the other follows
 * @param {{over: HTMLElement, edge: HTMLElement, slider: HTMLInputElement, label: string}} parts
 */
export function swipe(map, { over, edge, slider, label }) {
  let other = null;
  let layers = null;

  function divide() {
    for (const element of [over, edge]) element.style.setProperty('--divide', `${slider.value}%`);
  }

  function follow() {
    other.jumpTo({ center: map.getCenter(), zoom: map.getZoom() });
  }

  async function open() {
    other = await createMap(over, { center: map.getCenter().toArray(), zoom: map.getZoom(), interactive: false, label });
    other.getCanvas().tabIndex = -1;
    for (const control of over.querySelectorAll('.maplibregl-control-container')) control.remove();
    layers = boardLayers(other, () => {});
    map.on('move', follow);
  }

  slider.addEventListener('input', divide);
  divide();
  return {
    /** Show the other period's heat, or take it away. */
    async show(tiles) {
      over.hidden = !tiles;
      edge.hidden = !tiles;
      if (!tiles) return;
      if (!other) await open();
      other.resize();
      follow();
      layers.heat(tiles);
    },
    /** The layers of the second map; null before it was shown. */
    get layers() { return layers; },
    get map() { return other; },
  };
}
