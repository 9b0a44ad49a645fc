// Hotspots on the heatmap's map: cells with a p-value, coloured by what has become of them, and clusters.

const LAYERS = ['hotspot-cells', 'hotspot-edges', 'hotspot-clusters'];

/**
 * Hotspots in the place of the heat.
 *
 * @param {maplibre.Map} map with the layers of the heat
 * @param {HTMLElement} legend its items name the patterns they stand for, and have their colours
 * @param {HTMLElement} said hears what a tapped cell is
 */
export function hotspots(map, legend, said) {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let address = '';
  let loaded = '';
  let on = false;

  async function draw() {
    if (!on || !address) return;
    if (!map.getSource('hotspots')) {
      map.addSource('hotspots', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
      add();
    }
    if (loaded === address) return;
    const answer = await fetch(address, { headers: { Accept: 'application/geo+json' } });
    if (!answer.ok) return;
    loaded = address;
    map.getSource('hotspots').setData(await answer.json());
    map.once('idle', () => { legend.dataset.ready = ''; });
  }

  function add() {
    const under = map.getLayer('base-street-names') ? 'base-street-names' : undefined;
    const cells = ['==', ['get', 'kind'], 'cell'];
    const growing = (far, near) => ['interpolate', ['linear'], ['zoom'], 10, far, 14, near];
    map.addLayer({
      id: 'hotspot-clusters', type: 'line', source: 'hotspots', filter: ['==', ['get', 'kind'], 'cluster'],
      paint: { 'line-color': ink(), 'line-width': growing(0.75, 2), 'line-opacity': growing(0.45, 0.9), 'line-dasharray': [3, 2] },
    }, under);
    const paint = { 'fill-color': colours(legend), 'fill-opacity': growing(0.85, 0.5) };
    map.addLayer({ id: 'hotspot-cells', type: 'fill', source: 'hotspots', filter: cells, paint }, under);
    map.addLayer({
      id: 'hotspot-edges', type: 'line', source: 'hotspots', filter: cells,
      paint: { 'line-color': colours(legend), 'line-width': 1 },
    }, under);
    map.on('click', 'hotspot-cells', (event) => tell(event.features[0].properties));
    map.on('mousemove', 'hotspot-cells', () => { map.getCanvas().style.cursor = 'pointer'; });
    map.on('mouseleave', 'hotspot-cells', () => { map.getCanvas().style.cursor = ''; });
  }

  function tell({ area, n, z, pattern, heat }) {
    const item = itemOf(legend, pattern, heat);
    const number = Number(z).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    said.textContent = `${area || said.dataset.nowhere}: ${n} ${said.dataset.requests}, z ${number}. ${item.textContent.trim()}.`;
  }

  function ink() {
    return getComputedStyle(document.documentElement).getPropertyValue('--ink').trim() || '#333333';
  }

  dark.addEventListener('change', () => map.once('idle', () => {
    if (!map.getLayer('hotspot-cells')) return;
    map.setPaintProperty('hotspot-cells', 'fill-color', colours(legend));
    map.setPaintProperty('hotspot-edges', 'line-color', colours(legend));
    map.setPaintProperty('hotspot-clusters', 'line-color', ink());
  }));

  return {
    /** The edition that fits the filters; an empty address where there is none. */
    from(next) {
      address = next;
      return draw();
    },
    /** Hotspots instead of heat, or heat again. */
    async show(instead) {
      on = instead;
      await draw();
      for (const layer of LAYERS) if (map.getLayer(layer)) map.setLayoutProperty(layer, 'visibility', on ? 'visible' : 'none');
      said.textContent = '';
    },
  };
}

function itemOf(legend, pattern, heat) {
  const code = pattern || (heat < 0 ? 'cold' : 'hot');
  const name = code.startsWith('cold') ? 'cold' : code;
  return legend.querySelector(`[data-patterns~="${name}"]`);
}

/** The colour of a cell, from the legend as the stylesheet has painted it. */
function colours(legend) {
  const colour = (item) => getComputedStyle(item.querySelector('.key')).backgroundColor;
  const always = { hot: null, cold: null };
  const match = ['match', ['get', 'pattern']];
  for (const item of legend.querySelectorAll('[data-patterns]')) {
    const names = item.dataset.patterns.split(' ');
    for (const name of names) if (name in always) always[name] = colour(item);
    const patterns = names.filter((name) => !(name in always));
    if (patterns.length) match.push(patterns, colour(item));
  }
  return [...match, ['case', ['<', ['get', 'heat'], 0], always.cold,
    ['==', ['slice', ['get', 'pattern'], 0, 4], 'cold'], always.cold, always.hot]];
}
