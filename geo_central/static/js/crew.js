// The crew's phone: open requests near me, by distance or by due date, a page at a time.
import { getJSON, say } from 'house/api';
import { combobox } from 'house/combobox';

const $ = (id) => document.getElementById(id);
const form = $('near-form');
const list = $('near-list');
const at = form.dataset;
const lang = document.documentElement.lang;
let centre = list.dataset.lat ? { lat: Number(list.dataset.lat), lng: Number(list.dataset.lng) } : null;
let next = null;
let features = [];
let map = null;

combobox($('address'), {
  label: say('addresses'),
  search: async (q, signal) => (await getJSON('/api/v1/addresses', { q }, signal)).results,
  text: (found) => found.label,
  note: (found) => found.neighbourhood ?? '',
  pick: (found) => begin({ lat: found.lat, lng: found.lng }),
});
$('locate').addEventListener('click', () => {
  $('near-status').textContent = say('locating');
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => begin({ lat: coords.latitude, lng: coords.longitude }),
    () => { $('near-status').textContent = say('locate_failed'); },
    { enableHighAccuracy: true, timeout: 12_000, maximumAge: 10_000 },
  );
});
for (const control of form.querySelectorAll('[name=ordem], [name=raio]')) {
  control.addEventListener('change', () => { if (centre) begin(centre); });
}
$('refresh').addEventListener('click', () => begin(centre));
$('more').addEventListener('click', () => load(next));
$('toggle-map').addEventListener('click', toggleMap);

function begin(point) {
  centre = point;
  const url = new URL(location.href);
  const { ordem, raio } = form.elements;
  url.search = new URLSearchParams({ lat: point.lat, lng: point.lng, ordem: ordem.value, raio: raio.value });
  history.replaceState(null, '', url);
  return load(null);
}

async function load(cursor) {
  $('near-status').textContent = say('loading');
  const { ordem, raio } = form.elements;
  let page;
  try {
    page = await getJSON(at.api, { ...centre, order: ordem.value, radius: raio.value, limit: at.page, cursor });
  } catch (error) {
    const out = error.status === 401 || error.status === 403;
    $('near-status').textContent = out ? say('signed_out') : error.status ? error.message : say('offline');
    return;
  }
  next = page.next;
  features = cursor ? [...features, ...page.features] : page.features;
  draw(page.features, Boolean(cursor));
  $('more').hidden = !next;
  $('refresh').hidden = $('toggle-map').hidden = false;
  const time = new Date().toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit' });
  $('near-status').textContent = features.length
    ? `${say('near_count', { n: features.length })} ${say('updated', { time })}` : say('near_none');
  mark();
}

function draw(page, append) {
  if (!append) {
    const jobs = Object.assign(document.createElement('ul'), { className: 'list jobs' });
    list.replaceChildren(...(page.length ? [jobs] : []));
  }
  const first = page.map(job);
  list.querySelector('ul')?.append(...first);
  if (append) list.querySelector(`#job-${page[0]?.id}`)?.focus();
}

function job({ id, geometry, properties: issue }) {
  const item = $('job').content.cloneNode(true);
  const put = (part, text) => { item.querySelector(part).textContent = text; };
  const row = item.querySelector('li');
  row.id = `job-${id}`;
  row.tabIndex = -1;
  put('.job-name', issue.service_name);
  put('.job-distance', metres(issue.distance_m));
  put('.job-address', issue.address || item.querySelector('.job-address').dataset.empty);
  put('.job-text', issue.description);
  item.querySelector('.job-text').hidden = !issue.description;
  put('.job-protocol', issue.protocol);
  put('.job-due span', due(new Date(issue.due_at), issue.overdue));
  item.querySelector('.job-due').classList.toggle('late', issue.overdue);
  const [lng, lat] = geometry.coordinates;
  item.querySelector('.job-go').href = `geo:${lat},${lng}?q=${lat},${lng}`;
  const open = item.querySelector('.job-open');
  open.href = `${open.dataset.base}${issue.protocol}/`;
  open.querySelector('.sr').textContent = ` ${issue.protocol}`;
  return item;
}

function metres(distance) {
  if (distance < 1000) return `${distance >= 100 ? Math.round(distance / 10) * 10 : Math.round(distance)} m`;
  return `${(distance / 1000).toLocaleString(lang, { maximumFractionDigits: 1 })} km`;
}

function due(date, overdue) {
  const day = date.toLocaleDateString(lang, { day: '2-digit', month: '2-digit' });
  const days = Math.round((new Date(date).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86_400_000);
  const left = overdue ? say('due_late') : days < 1 ? say('due_today') : days === 1 ? say('due_tomorrow') : say('due_in', { n: days });
  return `${day} · ${left}`;
}

async function toggleMap() {
  const open = $('map-panel').hidden;
  $('map-panel').hidden = !open;
  $('toggle-map').setAttribute('aria-expanded', String(open));
  if (!open || map) return;
  const { createMap, refuse } = await import('house/map');
  try {
    map = await createMap($('map'), { center: [centre.lng, centre.lat], zoom: 14, locate: true });
  } catch (error) {
    return refuse($('map'), error);
  }
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  map.addSource('jobs', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  map.addLayer({
    id: 'jobs', type: 'circle', source: 'jobs',
    paint: { 'circle-color': ['case', ['get', 'overdue'], color('--bad'), color('--accent')], 'circle-radius': 9,
      'circle-stroke-color': color('--surface'), 'circle-stroke-width': 2.5 },
  });
  map.on('click', 'jobs', ({ features: [found] }) => {
    const row = document.getElementById(`job-${found.properties.protocol}`);
    row?.scrollIntoView({ block: 'center' });
    row?.focus({ preventScroll: true });
  });
  mark();
}

function mark() {
  map?.getSource('jobs')?.setData({ type: 'FeatureCollection', features });
}

if (centre) await load(null);
