// A crew's day: the list is the server's; the map draws what the list says, and draws it again when it changes.
import { keep } from 'house/live';

const root = document.querySelector('[data-stream]');
const form = document.getElementById('plan');
const data = document.getElementById('day-data');
const box = document.getElementById('day-map');

/** Where the device is; null where it does not say within a few seconds. */
function here() {
  return new Promise((done) => {
    if (!navigator.geolocation) return void done(null);
    navigator.geolocation.getCurrentPosition(({ coords }) => done(coords), () => done(null), {
      enableHighAccuracy: true, timeout: 8_000, maximumAge: 60_000,
    });
  });
}

form?.addEventListener('submit', async (event) => {
  const status = document.getElementById('plan-status');
  const chosen = event.submitter?.name === 'lugar';
  if (!chosen && !document.getElementById('address').value.trim() && !('located' in form.dataset)) {
    event.preventDefault();
    form.dataset.located = '';
    status.textContent = status.dataset.wait;
    const coords = await here();
    form.elements.lat.value = coords?.latitude ?? '';
    form.elements.lng.value = coords?.longitude ?? '';
    form.requestSubmit();
    return;
  }
  status.textContent = status.dataset.work;
});

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const read = () => (data.dataset.geo ? JSON.parse(data.dataset.geo) : { type: 'FeatureCollection', features: [] });
const kind = (name) => ['==', ['get', 'kind'], name];

function dress(map) {
  map.addSource('day', { type: 'geojson', data: read() });
  map.addLayer({
    id: 'day-leg-edge', type: 'line', source: 'day', filter: kind('leg'),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': color('--surface'), 'line-width': 7 },
  });
  map.addLayer({
    id: 'day-leg', type: 'line', source: 'day', filter: kind('leg'),
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': color('--accent'), 'line-width': 4 },
  });
  map.addLayer({
    id: 'day-start', type: 'circle', source: 'day', filter: kind('start'),
    paint: { 'circle-radius': 8, 'circle-color': color('--sun'), 'circle-stroke-color': color('--ink'), 'circle-stroke-width': 3 },
  });
  map.addLayer({
    id: 'day-stop', type: 'circle', source: 'day', filter: kind('stop'),
    paint: {
      'circle-radius': 13, 'circle-color': ['case', ['get', 'urgent'], color('--bad'), color('--accent')],
      'circle-stroke-color': color('--surface'), 'circle-stroke-width': 2,
    },
  });
  map.addLayer({
    id: 'day-number', type: 'symbol', source: 'day', filter: kind('stop'),
    layout: { 'text-field': ['get', 'n'], 'text-font': ['Raleway', 'sans-serif'], 'text-size': 13, 'text-allow-overlap': true, 'text-ignore-placement': true },
    paint: { 'text-color': color('--on-accent') },
  });
}

function show(map, maplibre) {
  const points = read().features.filter(({ geometry }) => geometry.type === 'Point');
  if (!points.length) return;
  const bounds = new maplibre.LngLatBounds();
  for (const { geometry } of points) bounds.extend(geometry.coordinates);
  map.fitBounds(bounds, { padding: 48, maxZoom: 16, animate: false });
}

async function open() {
  const { createMap, maplibre, refuse } = await import('house/map');
  let map;
  try {
    map = await createMap(box, { label: box.dataset.label, locate: true });
  } catch (error) {
    refuse(box, error);
    return;
  }
  dress(map);
  show(map, maplibre);
  map.on('click', 'day-stop', ({ features: [found] }) => {
    const stop = document.getElementById(`stop-${found.properties.protocol}`);
    stop?.scrollIntoView({ block: 'center' });
    stop?.querySelector('a')?.focus({ preventScroll: true });
  });
  new MutationObserver(() => {
    map.getSource('day').setData(read());
    show(map, maplibre);
  }).observe(data, { attributeFilter: ['data-geo'] });
  map.once('idle', () => { box.dataset.ready = ''; });
}

if (root) {
  keep(root);
  open();
}
