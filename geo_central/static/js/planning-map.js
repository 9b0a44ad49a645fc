// The board's map: areas in classes, and the heat of a period.

const CLEAR = 0.82;
const DOUBTFUL = 0.3;
const HEAT_DEEPEST = 16;
const NOTHING = { type: 'FeatureCollection', features: [] };

/** Colours of the legend as the stylesheet has them for this theme, by class. */
export function legendColours(name) {
  const found = {};
  for (const item of document.querySelectorAll(`#legends [data-legend="${name}"] [data-class]`)) {
    found[item.dataset.class] = variable(item.querySelector('.key'));
  }
  return found;
}

/** A hidden element has no computed colour of its own in some browsers: its class names the variable. */
function variable(key) {
  const name = [...key.classList].find((one) => /^(shade|fall|rise)-\d$|^even$/.test(one));
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * Areas and heat on a map of the house.
 *
 * @param {maplibre.Map} map loaded
 * @param {(code: string) => void} chosen hears which area was tapped
 */
export function boardLayers(map, chosen) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let address = '';
  let paint = null;
  const under = () => (map.getLayer('base-major-names') ? 'base-major-names' : undefined);
  const line = () => getComputedStyle(document.documentElement).getPropertyValue('--edge').trim();

  function areas() {
    map.addSource('areas', { type: 'geojson', data: NOTHING });
    map.addLayer({
      id: 'areas', type: 'fill', source: 'areas',
      paint: { 'fill-color': 'transparent', 'fill-opacity': CLEAR, 'fill-antialias': true },
    }, under());
    map.addLayer({
      id: 'area-edges', type: 'line', source: 'areas', paint: { 'line-color': line(), 'line-width': 0.8 },
    }, under());
    map.addLayer({
      id: 'area-chosen', type: 'line', source: 'areas', filter: ['==', ['get', 'code'], ''],
      paint: { 'line-color': getComputedStyle(document.documentElement).getPropertyValue('--ink').trim(), 'line-width': 3 },
    });
    map.on('click', 'areas', (event) => chosen(event.features[0].properties.code));
    map.on('mousemove', 'areas', () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', 'areas', () => { map.getCanvas().style.cursor = ''; });
  }

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
    if (map.getLayer('area-edges')) map.setPaintProperty('area-edges', 'line-color', line());
    if (paint) api.paint(...paint);
  }
  dark.addEventListener('change', () => map.once('idle', repaint));

  const api = {
    /** The layer whose areas are drawn. */
    async from(next) {
      if (!map.getSource('areas')) areas();
      if (next === address) return;
      address = next;
      const answer = await fetch(next, { headers: { Accept: 'application/geo+json' } });
      if (answer.ok && next === address) map.getSource('areas').setData(await answer.json());
    },
    /** Colour each area by its class; `doubtful` are the codes that are drawn faintly. */
    paint(codes, classes, legend, doubtful = []) {
      paint = [codes, classes, legend, doubtful];
      const colours = legendColours(legend);
      const nothing = colours[0];
      const match = codes.flatMap((code, n) => [code, colours[classes[n]] ?? nothing]);
      map.setPaintProperty('areas', 'fill-color', match.length ? ['match', ['get', 'code'], ...match, nothing] : nothing);
      map.setPaintProperty('areas', 'fill-opacity', doubtful.length ? ['match', ['get', 'code'], doubtful, DOUBTFUL, CLEAR] : CLEAR);
    },
    /** The heat of these tiles. */
    heat(tiles) {
      if (map.getSource('heat')) map.getSource('heat').setTiles([tiles]);
      else heatLayer(tiles);
    },
    /** Show areas or heat. */
    show(wanted) {
      for (const [name, layers] of [['areas', ['areas']], ['heat', ['heat']]]) {
        for (const layer of layers) {
          if (map.getLayer(layer)) map.setLayoutProperty(layer, 'visibility', wanted === name ? 'visible' : 'none');
        }
      }
    },
    /** Mark one area, or none. */
    mark(code) {
      map.setFilter('area-chosen', ['==', ['get', 'code'], code]);
    },
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
