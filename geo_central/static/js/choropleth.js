// Areas in classes on a map of the house.

const CLEAR = 0.82;
const DOUBTFUL = 0.3;
const NOTHING = { type: 'FeatureCollection', features: [] };
const LAYERS = ['areas', 'area-edges', 'area-chosen'];

/** The colour that the stylesheet gives a key of a legend in this theme: its class names the variable,
 * because a hidden element has no computed colour of its own in some browsers. */
export function colourOf(key) {
  const name = [...key.classList].find((one) => /^(shade|fall|rise)-\d$|^even$/.test(one));
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/**
 * The areas of a published layer, each in the colour of its class.
 *
 * @param {maplibre.Map} map loaded
 * @param {(code: string) => void} chosen hears which area was tapped
 */
export function choropleth(map, chosen) {
  let address = '';
  let paint = null;
  const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const under = () => (map.getLayer('base-major-names') ? 'base-major-names' : undefined);

  function add() {
    map.addSource('areas', { type: 'geojson', data: NOTHING });
    map.addLayer({
      id: 'areas', type: 'fill', source: 'areas',
      paint: { 'fill-color': 'transparent', 'fill-opacity': CLEAR, 'fill-antialias': true },
    }, under());
    map.addLayer({
      id: 'area-edges', type: 'line', source: 'areas', paint: { 'line-color': variable('--edge'), 'line-width': 0.8 },
    }, under());
    map.addLayer({
      id: 'area-chosen', type: 'line', source: 'areas', filter: ['==', ['get', 'code'], ''],
      paint: { 'line-color': variable('--ink'), 'line-width': 3 },
    });
    map.on('click', 'areas', (event) => chosen(event.features[0].properties.code));
    map.on('mousemove', 'areas', () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', 'areas', () => { map.getCanvas().style.cursor = ''; });
  }

  function draw([codes, classes, colours, doubtful]) {
    const found = colours();
    const nothing = found[0];
    const match = codes.flatMap((code, n) => [code, found[classes[n]] ?? nothing]);
    map.setPaintProperty('areas', 'fill-color', match.length ? ['match', ['get', 'code'], ...match, nothing] : nothing);
    map.setPaintProperty('areas', 'fill-opacity', doubtful.length ? ['match', ['get', 'code'], doubtful, DOUBTFUL, CLEAR] : CLEAR);
  }

  return {
    /** The layer whose areas are drawn. */
    async from(next) {
      if (!map.getSource('areas')) add();
      if (next === address) return;
      address = next;
      const answer = await fetch(next, { headers: { Accept: 'application/geo+json' } });
      if (answer.ok && next === address) map.getSource('areas').setData(await answer.json());
    },
    /** Colour each area by its class: `colours()` gives them by class; `doubtful` codes are drawn faintly. */
    paint(codes, classes, colours, doubtful = []) {
      paint = [codes, classes, colours, doubtful];
      draw(paint);
    },
    /** The colours of another theme. */
    repaint() {
      if (map.getLayer('area-edges')) map.setPaintProperty('area-edges', 'line-color', variable('--edge'));
      if (paint) draw(paint);
    },
    /** Show or hide these of its layers; without names, all. */
    show(on, layers = LAYERS) {
      for (const layer of layers) {
        if (map.getLayer(layer)) map.setLayoutProperty(layer, 'visibility', on ? 'visible' : 'none');
      }
    },
    /** Mark one area, or none. */
    mark(code) {
      map.setFilter('area-chosen', ['==', ['get', 'code'], code]);
    },
  };
}
