// A dataset on the map, out of its own archive of tiles, read by ranges.
import { createMap, maplibre, refuse } from 'house/map';
import { Protocol } from 'pmtiles';

const box = document.getElementById('map');
try {
  const [west, south, east, north] = box.dataset.bbox.split(',').map(Number);
  const map = await createMap(box, { bounds: [west, south, east, north], label: box.dataset.label });
  maplibre.addProtocol('pmtiles', new Protocol().tile);
  map.addSource('data', { type: 'vector', url: `pmtiles://${new URL(box.dataset.tiles, location.href).href}` });
  const colour = getComputedStyle(document.documentElement).getPropertyValue('--accent').trim() || '#1351b4';
  const of = { source: 'data', 'source-layer': box.dataset.layer };
  const shaped = (name) => ['==', ['geometry-type'], name];
  map.addLayer({ id: 'data-fill', type: 'fill', ...of, filter: shaped('Polygon'), paint: { 'fill-color': colour, 'fill-opacity': 0.12 } });
  map.addLayer({ id: 'data-line', type: 'line', ...of, filter: shaped('Polygon'), paint: { 'line-color': colour, 'line-width': 1 } });
  map.addLayer({
    id: 'data-point', type: 'circle', ...of, filter: shaped('Point'),
    paint: {
      'circle-color': colour, 'circle-opacity': 0.55,
      'circle-radius': ['interpolate', ['exponential', 1.6], ['zoom'], 9, 1.2, 13, 2.5, 17, 7],
    },
  });
  map.once('idle', () => { box.dataset.ready = ''; });
} catch (error) {
  refuse(box, error);
}
