// Requests around a place: the map and its list are two faces of the same answer.
import { debounced, getJSON, say } from 'house/api';
import { combobox } from 'house/combobox';

const $ = (id) => document.getElementById(id);
const around = $('around');
const at = around.dataset;
const LIMIT = 200;
const STATES = JSON.parse($('states').textContent);
let map = null;
let shown = [];

combobox($('address'), {
  label: say('addresses'),
  search: async (q, signal) => (await getJSON('/api/v1/addresses', { q }, signal)).results,
  text: (found) => found.label,
  note: (found) => found.neighbourhood ?? '',
  pick: (found) => see([found.lng, found.lat], 15),
});
$('locate').addEventListener('click', () => {
  $('around-status').textContent = say('locating');
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => {
      $('around-status').textContent = '';
      see([coords.longitude, coords.latitude], 15);
    },
    () => { $('around-status').textContent = say('locate_failed'); },
    { enableHighAccuracy: true, timeout: 12_000 },
  );
});
$('open-map').addEventListener('click', () => see([Number(at.lng), Number(at.lat)], at.placed === undefined ? 13 : 15));

async function see(center, zoom) {
  const house = import('house/map');
  if (map) return (await house).goTo(map, center, zoom);
  const wait = $('open-map');
  wait.textContent = say('loading');
  const { createMap, refuse } = await house;
  try {
    map = await createMap($('map'), { center, zoom, locate: true });
  } catch (error) {
    refuse($('map'), error);
    const width = 0.006;
    return load(undefined, [center[0] - width, center[1] - width, center[0] + width, center[1] + width]);
  }
  layers();
  map.on('moveend', refresh);
  await load();
}

const refresh = debounced((signal) => load(signal), 200);

async function load(signal, box = map.getBounds().toArray().flat()) {
  const bbox = box.map((degrees) => degrees.toFixed(6)).join(',');
  let found;
  try {
    found = await getJSON('/api/v1/issues', { bbox, state: 'open', limit: LIMIT }, signal);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    $('around-status').textContent = error.status ? error.message : say('offline');
    return;
  }
  shown = found.features;
  map?.getSource('issues')?.setData({ type: 'FeatureCollection', features: shown });
  $('around-status').textContent = say(!shown.length ? 'around_none' : found.next ? 'around_many' : 'around_count', { n: shown.length });
  list();
}

function list() {
  const rows = document.createElement('ul');
  rows.className = 'list';
  rows.append(...shown.slice(0, 60).map(row));
  $('list').replaceChildren(shown.length ? rows : $('none').content.cloneNode(true));
}

function row({ properties: issue }) {
  const item = $('row').content.cloneNode(true);
  item.querySelector('a').href = `${at.issue}${issue.protocol}/`;
  item.querySelector('b').textContent = issue.service_name;
  const day = new Date(issue.opened_at).toLocaleDateString(document.documentElement.lang);
  item.querySelector('small').textContent = [issue.address, say('opened', { day })].filter(Boolean).join(' · ');
  const late = new Date(issue.due_at) < new Date();
  item.querySelector('.state').classList.toggle('late', late);
  item.querySelector('.state').textContent = STATES[issue.state] + (late ? ` · ${say('late')}` : '');
  return item;
}

function layers() {
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const paint = () => ({ pin: color('--pin'), accent: color('--accent'), ring: color('--surface'), on: color('--on-accent') });
  const c = paint();
  map.addSource('issues', { type: 'geojson', data: { type: 'FeatureCollection', features: [] }, cluster: true, clusterRadius: 40, clusterMaxZoom: 16 });
  map.addLayer({
    id: 'clusters', type: 'circle', source: 'issues', filter: ['has', 'point_count'],
    paint: { 'circle-color': c.accent, 'circle-stroke-color': c.ring, 'circle-stroke-width': 2,
      'circle-radius': ['step', ['get', 'point_count'], 15, 10, 19, 50, 24] },
  });
  map.addLayer({
    id: 'cluster-counts', type: 'symbol', source: 'issues', filter: ['has', 'point_count'],
    layout: { 'text-field': ['get', 'point_count_abbreviated'], 'text-font': ['Raleway', 'sans-serif'], 'text-size': 13 },
    paint: { 'text-color': c.on },
  });
  map.addLayer({
    id: 'points', type: 'circle', source: 'issues', filter: ['!', ['has', 'point_count']],
    paint: { 'circle-color': c.pin, 'circle-radius': 8, 'circle-stroke-color': c.ring, 'circle-stroke-width': 2.5 },
  });
  map.on('click', 'clusters', async ({ features: [cluster] }) => {
    const zoom = await map.getSource('issues').getClusterExpansionZoom(cluster.properties.cluster_id);
    see(cluster.geometry.coordinates, zoom);
  });
  map.on('click', 'points', async ({ features: [point] }) => {
    const { maplibre } = await import('house/map');
    const box = document.createElement('div');
    box.className = 'popup';
    box.append(row(point));
    new maplibre.Popup({ offset: 10, maxWidth: '18rem', focusAfterOpen: true }).setLngLat(point.geometry.coordinates).setDOMContent(box).addTo(map);
  });
  for (const id of ['clusters', 'points']) {
    map.on('mouseenter', id, () => map.getCanvas().classList.add('pointing'));
    map.on('mouseleave', id, () => map.getCanvas().classList.remove('pointing'));
  }
}

if (at.placed !== undefined || matchMedia('(min-width: 62rem)').matches) $('open-map').click();
