// An alert's place drawn on the map, corner by corner, and how much it would have told of.
import { debounced, getFragment, say } from 'house/api';

const $ = (id) => document.getElementById(id);
const form = $('alert-form');
const field = $('polygon');
const words = $('draw-status').dataset;
const MOST = 100;
const PLACES = ['bairro', 'regiao'];
let corners = field.value ? field.value.split(';').map((pair) => pair.split(',').map(Number)) : [];
let map = null;

$('open-map').addEventListener('click', open);
$('draw-undo').addEventListener('click', () => change(corners.slice(0, -1)));
$('draw-clear').addEventListener('click', () => change([]));
$('draw-centre').addEventListener('click', () => add(map.getCenter()));
form.addEventListener('change', ({ target }) => {
  if (PLACES.includes(target.name) && target.value) change([]); // of several places one counts
  else count();
});
if (corners.length) open();

async function open() {
  $('open-map').textContent = say('loading');
  const { createMap, refuse } = await import('house/map');
  try {
    map = await createMap($('map'), corners.length ? { center: corners[0], zoom: 14 } : { zoom: 12, locate: true });
  } catch (error) {
    refuse($('map'), error);
    return;
  }
  $('draw-tools').hidden = false;
  map.addSource('area', { type: 'geojson', data: drawn() });
  map.addLayer({ id: 'area-fill', type: 'fill', source: 'area', filter: ['==', '$type', 'Polygon'],
    paint: { 'fill-color': '#1351b4', 'fill-opacity': 0.2 } });
  map.addLayer({ id: 'area-line', type: 'line', source: 'area', filter: ['!=', '$type', 'Point'],
    paint: { 'line-color': '#1351b4', 'line-width': 3 } });
  map.addLayer({ id: 'area-corners', type: 'circle', source: 'area', filter: ['==', '$type', 'Point'],
    paint: { 'circle-radius': 6, 'circle-color': '#fff', 'circle-stroke-color': '#1351b4', 'circle-stroke-width': 3 } });
  map.on('click', ({ lngLat }) => add(lngLat));
  map.getCanvas().style.cursor = 'crosshair';
  tell();
}

function add({ lng, lat }) {
  if (corners.length < MOST) change([...corners, [Number(lng.toFixed(6)), Number(lat.toFixed(6))]]);
}

function change(next) {
  corners = next;
  field.value = corners.length > 2 ? corners.map((pair) => pair.join(',')).join(';') : '';
  if (field.value) PLACES.forEach((name) => { $(name).value = ''; });
  map?.getSource('area')?.setData(drawn());
  tell();
  count();
}

function tell() {
  const n = corners.length;
  $('draw-status').textContent = n > 2 ? words.done.replace('%n', n) : n ? words.few : words.none;
}

function drawn() {
  const shape = corners.length > 2
    ? [{ type: 'Polygon', coordinates: [[...corners, corners[0]]] }]
    : corners.length === 2 ? [{ type: 'LineString', coordinates: corners }] : [];
  const points = corners.map((coordinates) => ({ type: 'Point', coordinates }));
  return {
    type: 'FeatureCollection',
    features: [...shape, ...points].map((geometry) => ({ type: 'Feature', properties: {}, geometry })),
  };
}

const count = debounced(async (signal) => {
  const names = ['polygon', ...PLACES, 'servico', 'tema'];
  const asked = Object.fromEntries(names.map((name) => [name, form.elements[name].value]));
  $('count').replaceChildren(await getFragment(form.dataset.count, asked, signal));
}, 250);
