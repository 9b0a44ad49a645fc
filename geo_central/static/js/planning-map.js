// The board's map: areas in classes, and the heat of a period.
import { choropleth, colourOf } from 'house/choropleth';

const HEAT_DEEPEST = 16;

/** Colours of the legend as the stylesheet has them for this theme, by class. */
export function legendColours(name) {
  const found = {};
  for (const item of document.querySelectorAll(`#legends [data-legend="${name}"] [data-class]`)) {
    found[item.dataset.class] = colourOf(item.querySelector('.key'));
  }
  return found;
}

/**
 * Areas and heat on a map of the house.
 *
 * @param {maplibre.Map} map loaded
 * @param {(code: string) => void} chosen hears which area was tapped
 */
export function boardLayers(map, chosen) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const areas = choropleth(map, chosen);
  const under = () => (map.getLayer('base-major-names') ? 'base-major-names' : undefined);

  function heat() {
    const style = getComputedStyle(document.documentElement);
    const [one, two, three, four, five] = [1, 2, 3, 4, 5].map((n) => style.getPropertyValue(`--heat-${n}`).trim());
    return ['interpolate', ['linear'], ['heatmap-density'],
      0, `${one}00`, 0.04, `${one}66`, 0.14, one, 0.34, two, 0.56, three, 0.78, four, 1, five];
  }

  function heatLayer(tiles) {
    map.addSource('heat', { type: 'vector', tiles: [tiles], minzoom: 8, maxzoom: HEAT_DEEPEST });
    map.addLayer({
      id: 'heat', type: 'heatmap', source: 'heat', 'source-layer': 'heat',
      paint: {
        'heatmap-color': heat(),
        'heatmap-weight': 0,
        'heatmap-radius': ['interpolate', ['exponential', 2], ['zoom'], HEAT_DEEPEST, 24, HEAT_DEEPEST + 3, 192],
        'heatmap-opacity': 0.85,
      },
    }, under());
  }

  function repaint() {
    if (map.getLayer('heat')) map.setPaintProperty('heat', 'heatmap-color', heat());
    areas.repaint();
  }
  dark.addEventListener('change', () => map.once('idle', repaint));

  const api = {
    /** The layer whose areas are drawn. */
    from: areas.from,
    /** Colour each area by its class; `doubtful` are the codes that are drawn faintly. */
    paint(codes, classes, legend, doubtful = []) {
      areas.paint(codes, classes, () => legendColours(legend), doubtful);
    },
    /** The heat of these tiles. */
    heat(tiles) {
      if (map.getSource('heat')) map.getSource('heat').setTiles([tiles]);
      else heatLayer(tiles);
    },
    /** Show areas or heat. */
    show(wanted) {
      areas.show(wanted === 'areas', ['areas']);
      if (map.getLayer('heat')) map.setLayoutProperty('heat', 'visibility', wanted === 'heat' ? 'visible' : 'none');
    },
    /** Mark one area, or none. */
    mark: areas.mark,
    /** Colours compare what is on the screen; returns the number that is the hottest. */
    busiest() {
      if (!map.getLayer('heat')) return 0;
      const cells = map.querySourceFeatures('heat', { sourceLayer: 'heat' }).map((cell) => cell.properties.n);
      cells.sort((a, b) => a - b);
      return cells.length ? Math.max(1, cells[Math.floor(cells.length * 0.95)]) : 0;
    },
    /** Let that number be the hottest. */
    weigh(top) {
      if (map.getLayer('heat')) map.setPaintProperty('heat', 'heatmap-weight', top ? ['min', 1.5, ['/', ['get', 'n'], top]] : 0);
    },
  };
  return api;
}
