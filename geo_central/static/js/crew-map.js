// The day's requests on the map, loaded on a tap and kept for when there is no network.
import { chosen, isLate } from 'house/crew-list';

let map = null;

/** Opens the map in `element` around a point; `tapped` gets the protocol of a request. */
export async function openMap(element, centre, tapped) {
  const { createMap, refuse } = await import('house/map');
  try {
    map = await createMap(element, { center: [centre.lng, centre.lat], zoom: 14, locate: true });
  } catch (error) {
    refuse(element, error);
    return;
  }
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  map.addSource('jobs', { type: 'geojson', data: { type: 'FeatureCollection', features: [] } });
  map.addLayer({
    id: 'jobs', type: 'circle', source: 'jobs',
    paint: {
      'circle-color': ['case', ['get', 'late'], color('--bad'), color('--accent')],
      'circle-radius': ['case', ['<=', ['get', 'priority'], 2], 13, 10],
      'circle-stroke-color': color('--surface'), 'circle-stroke-width': 2.5,
    },
  });
  map.on('click', 'jobs', ({ features: [found] }) => tapped(found.properties.protocol));
  map.on('mouseenter', 'jobs', () => { map.getCanvas().style.cursor = 'pointer'; });
  map.on('mouseleave', 'jobs', () => { map.getCanvas().style.cursor = ''; });
  drawMap();
}

/** The requests of the list, as they are now. */
export function drawMap() {
  const features = map && chosen().map((f) => ({
    type: 'Feature', geometry: f.geometry,
    properties: { protocol: f.id, late: isLate(f.properties), priority: f.properties.priority },
  }));
  map?.getSource('jobs')?.setData({ type: 'FeatureCollection', features });
}

export function moveMap(centre) {
  map?.jumpTo({ center: [centre.lng, centre.lat] });
}
