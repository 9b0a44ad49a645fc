// The requests that a change would move, on a map; the table below has the same ones.
import { createMap, maplibre, refuse } from 'house/map';

const box = document.getElementById('map');
const MOST = 10_000;

/** Page after page, as far as a map makes sense; `more` when there are others. */
async function fetchAll(address) {
  const features = [];
  let next = '';
  do {
    const url = new URL(address, location.href);
    if (next) url.searchParams.set('depois', next);
    const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error();
    features.push(...(await answer.json()).features.filter((feature) => feature.geometry));
    next = answer.headers.get('X-Next');
  } while (next && features.length < MOST);
  return { features, more: Boolean(next) };
}

/** The window around the points. */
function extent(features) {
  const bounds = new maplibre.LngLatBounds();
  for (const feature of features) bounds.extend(feature.geometry.coordinates);
  return bounds;
}

/** What a point says when it is chosen: from which team to which. */
function words({ protocol, service_name: service, from_name: from, to_name: to }) {
  const piece = document.createElement('div');
  for (const line of [`${protocol} · ${service}`, `${from} → ${to}`]) {
    piece.append(Object.assign(document.createElement('p'), { textContent: line }));
  }
  return piece;
}

async function open() {
  let map;
  let found;
  try {
    [map, found] = await Promise.all([createMap(box, { label: box.dataset.label }), fetchAll(box.dataset.source)]);
  } catch (error) {
    refuse(box, error);
    return;
  }
  const style = getComputedStyle(document.documentElement);
  map.addSource('moved', { type: 'geojson', data: { type: 'FeatureCollection', features: found.features } });
  map.addLayer({
    id: 'moved', type: 'circle', source: 'moved',
    paint: {
      'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, 3, 16, 8],
      'circle-color': style.getPropertyValue('--pin').trim(),
      'circle-stroke-color': style.getPropertyValue('--surface').trim(),
      'circle-stroke-width': 1,
      'circle-opacity': 0.85,
    },
  });
  if (found.features.length) map.fitBounds(extent(found.features), { padding: 40, maxZoom: 15, animate: false });
  map.on('click', 'moved', ({ lngLat, features: [first] }) => {
    new maplibre.Popup().setLngLat(lngLat).setDOMContent(words(first.properties)).addTo(map);
  });
  map.once('idle', () => { box.dataset.ready = ''; });
  const status = document.getElementById('map-status');
  const text = found.more ? status.dataset.more : status.dataset.text;
  status.textContent = text.replace('%(n)s', found.features.length.toLocaleString(document.documentElement.lang));
}

if (box) await open();
