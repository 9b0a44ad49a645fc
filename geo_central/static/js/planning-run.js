// What one run of hotspots has found, on a map of its own.
import { hotspots } from 'house/hotspots';
import { createMap, refuse } from 'house/map';

const $ = (id) => document.getElementById(id);
const box = $('map');
try {
  const map = await createMap(box, { bounds: JSON.parse($('basemap').textContent).bounds, label: box.dataset.label });
  for (const id of ['hot-legend', 'hot-said']) $(id).hidden = false;
  const spots = hotspots(map, $('hot-legend'), $('hot-said'));
  await spots.from($('focos').dataset.hotspots);
  await spots.show(true);
  map.once('idle', () => { box.dataset.ready = ''; });
} catch (error) {
  refuse(box, error);
}
