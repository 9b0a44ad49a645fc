// The heatmap page: the filters redraw the map, the tables and the address without a new page.
import { debounced, getFragment } from 'house/api';
import { hotspots } from 'house/hotspots';
import { heatAreas } from 'house/heat-areas';
import { clearErrors, complain, filters, hashOf, named } from 'house/filters';
import { createMap, refuse } from 'house/map';
import { timeline } from 'house/timeline';

const $ = (id) => document.getElementById(id);
const form = $('filtros');
const box = $('map');
const dark = matchMedia('(prefers-color-scheme: dark)');
const DEEPEST = 16;
const NUMBERS = 15.5;
const HEAT = ['heat', 'heat-cells', 'heat-numbers'];
let map = null;
let spots = null;
let areas = null;
let top = 0;
let steps = { by: 'days', each: [] };
const time = timeline({ slider: $('slider'), play: $('play'), output: $('step'), onStep: slide });

const whole = (path) => location.origin + path;

function remember() {
  address(location.search, hashOf(map));
}

/** The address of what is seen, which is also what is sent to somebody. */
function address(search, view) {
  const here = location.pathname + search + view;
  history.replaceState(null, '', here);
  $('share').dataset.share = here;
}

/** The five colours of the legend, as the stylesheet has them for this theme. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  return [1, 2, 3, 4, 5].map((n) => style.getPropertyValue(`--heat-${n}`).trim());
}

function ramp() {
  const [one, two, three, four, five] = colours();
  const clear = `${one}00`;
  return ['interpolate', ['linear'], ['heatmap-density'],
    0, clear, 0.04, `${one}66`, 0.14, one, 0.34, two, 0.56, three, 0.78, four, 1, five];
}

/** Cells are 8 pixels apart at a whole zoom and nearly 16 before the next: a quarter as dense. */
function intensity() {
  const stops = [];
  for (let zoom = 8; zoom < DEEPEST; zoom++) stops.push(zoom, 0.36, zoom + 0.999, 1.44);
  return ['interpolate', ['linear'], ['zoom'], ...stops, DEEPEST, 0.36];
}

function layers() {
  map.addSource('heat', { type: 'vector', tiles: [whole(box.dataset.tiles)], minzoom: 8, maxzoom: DEEPEST });
  const under = map.getLayer('base-street-names') ? 'base-street-names' : undefined;
  const fading = (zoom) => ['interpolate', ['linear'], ['zoom'], zoom, 0.85, zoom + 1, 0.25];
  map.addLayer({
    id: 'heat', type: 'heatmap', source: 'heat', 'source-layer': 'heat',
    paint: {
      'heatmap-color': ramp(),
      'heatmap-weight': 0,
      'heatmap-intensity': intensity(),
      // Beyond the deepest tiles the cells grow with the map.
      'heatmap-radius': ['interpolate', ['exponential', 2], ['zoom'], DEEPEST, 24, DEEPEST + 3, 192],
      'heatmap-opacity': fading(NUMBERS),
    },
  }, under);
  map.addLayer({
    id: 'heat-cells', type: 'circle', source: 'heat', 'source-layer': 'heat', minzoom: NUMBERS,
    paint: {
      'circle-color': colours()[3],
      'circle-radius': ['interpolate', ['linear'], ['get', 'n'], 1, 9, 50, 16],
      'circle-stroke-width': 1.5,
      'circle-stroke-color': dark.matches ? '#12161d' : '#ffffff',
    },
  });
  map.addLayer({
    id: 'heat-numbers', type: 'symbol', source: 'heat', 'source-layer': 'heat', minzoom: NUMBERS,
    layout: { 'text-field': ['to-string', ['get', 'n']], 'text-font': ['sans-serif'], 'text-size': 12, 'text-allow-overlap': true },
    paint: { 'text-color': dark.matches ? '#12161d' : '#ffffff' },
  });
}

/** Colours compare what is on the screen: the fullest twentieth of the cells is the hottest. */
function balance() {
  const cells = map.querySourceFeatures('heat', { sourceLayer: 'heat' }).map((cell) => cell.properties.n);
  cells.sort((a, b) => a - b);
  const next = cells.length ? Math.max(1, cells[Math.floor(cells.length * 0.95)]) : 0;
  if (next === top) return;
  top = next;
  map.setPaintProperty('heat', 'heatmap-weight', top ? ['min', 1.5, ['/', ['get', 'n'], top]] : 0);
}

/** The tiles of one step, or of the whole period: the filters of the form, with the days of the step. */
function slide(step) {
  $('step-table').hidden = !step;
  const [path, query] = box.dataset.tiles.split('?');
  const asked = new URLSearchParams(query);
  if (step && steps.by === 'on') asked.set('on', step.to);
  if (step && steps.by === 'days') {
    asked.set('from', step.from);
    asked.set('to', step.to);
  }
  map?.getSource('heat').setTiles([whole(`${path}?${asked}`)]);
}

function read() {
  steps = JSON.parse($('steps').textContent);
  time.set(steps.each ?? []);
  $('step-table').hidden = true;
}

function repaint() {
  areas.repaint();
  map.setPaintProperty('heat', 'heatmap-color', ramp());
  map.setPaintProperty('heat-cells', 'circle-color', colours()[3]);
  for (const [layer, name] of [['heat-cells', 'circle-stroke-color'], ['heat-numbers', 'text-color']]) {
    map.setPaintProperty(layer, name, dark.matches ? '#12161d' : '#ffffff');
  }
}

async function open() {
  try {
    map = await createMap(box, { ...named(), label: box.dataset.label });
  } catch (error) {
    refuse(box, error);
    return;
  }
  layers();
  if ($('hot-legend')) spots = hotspots(map, $('hot-legend'), $('hot-said'));
  areas = heatAreas(map, $('area-legend'));
  await choose();
  map.on('idle', balance);
  map.once('idle', () => { box.dataset.ready = ''; });
  map.on('moveend', remember);
  dark.addEventListener('change', () => map.once('idle', repaint));
}

/** Heat, neighbourhoods or hotspots: the layers, the legend and the words under the map. */
async function choose() {
  if (!areas) return;
  const wanted = document.querySelector('#what :checked').value;
  for (const id of ['hot-legend', 'hot-said']) if ($(id)) $(id).hidden = wanted !== 'hotspots';
  for (const id of ['heat-legend', 'heat-hint', 'time']) $(id).hidden = wanted !== 'heat';
  $('area-legend').hidden = wanted !== 'areas';
  for (const layer of HEAT) map.setLayoutProperty(layer, 'visibility', wanted === 'heat' ? 'visible' : 'none');
  try {
    await areas.from(box.dataset.areas);
    await areas.show(wanted === 'areas');
    await spots?.from($('focos')?.dataset.hotspots ?? '');
    await spots?.show(wanted === 'hotspots');
  } catch (error) {
    complain($('heat-status'), error);
  }
}

const apply = debounced(async (signal) => {
  const results = $('results');
  results.setAttribute('aria-busy', 'true');
  try {
    const piece = await getFragment(results.dataset.url, Object.fromEntries(new FormData(form)), signal);
    show(results, piece);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    complain($('heat-status'), error);
  }
  results.removeAttribute('aria-busy');
}, 250);

function show(results, piece) {
  clearErrors(form);
  const { query, tiles, areas: counted, said } = piece.firstElementChild.dataset;
  results.replaceChildren(piece);
  $('heat-status').textContent = said;
  address(query ? `?${query}` : '', location.hash);
  box.dataset.tiles = tiles;
  box.dataset.areas = counted;
  read();
  map?.getSource('heat').setTiles([whole(tiles)]);
  spots?.from($('focos')?.dataset.hotspots ?? '');
  areas?.from(counted).catch((error) => complain($('heat-status'), error));
  asking.mark();
}

const asking = filters(form, apply);
form.addEventListener('change', apply);
// What the slider shows, in the tables too: its days become those of the form.
$('step-table').addEventListener('click', () => {
  const step = time.now();
  if (!step) return;
  if (steps.by === 'on') form.on.value = step.to;
  else {
    form.from.value = step.from;
    form.to.value = step.to;
  }
  apply();
  $('tabelas').focus();
});
$('what').addEventListener('change', choose);
$('clear').addEventListener('click', (event) => {
  event.preventDefault();
  for (const name of ['from', 'to', 'theme', 'service', 'on', 'area', 'channel', 'team']) {
    if (form[name]) form[name].value = '';
  }
  form.state.value = 'all';
  form.mode.value = 'opened';
  asking.offer();
  apply();
});

read();
await open();
