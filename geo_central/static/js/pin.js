// The pin: dragged, put by a tap, or moved by the arrow keys. Loaded with the map.
import { say } from 'house/api';
import { createMap, goTo, maplibre, refuse } from 'house/map';

const STEP = 6; // pixels an arrow key moves it; five times that with Shift
const KEYS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
const NS = 'http://www.w3.org/2000/svg';

/**
 * @param {HTMLElement} element
 * @param {{lat: number, lng: number} | null} point
 * @param {{moved: (point: {lat: number, lng: number}) => void, confirmed: () => void}} told
 * @returns the pin, or null where the device draws no map
 */
export async function openPin(element, point, { moved, confirmed }) {
  let map;
  try {
    map = await createMap(element, { ...(point ? { center: [point.lng, point.lat] } : {}), zoom: point ? 17 : 12 });
  } catch (error) {
    refuse(element, error);
    return null;
  }
  const button = drawPin();
  const marker = new maplibre.Marker({ element: button, anchor: 'bottom', draggable: true })
    .setLngLat(point ? [point.lng, point.lat] : map.getCenter())
    .addTo(map);
  button.setAttribute('aria-label', say('pin')); // MapLibre sets a title of its own
  const tell = () => {
    const { lng, lat } = marker.getLngLat();
    moved({ lng, lat });
  };
  const put = (where) => {
    marker.setLngLat(where);
    tell();
  };
  marker.on('dragend', tell);
  map.on('click', (event) => {
    put(event.lngLat);
    button.focus({ preventScroll: true });
  });
  button.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      event.stopPropagation();
      tell();
      confirmed();
    }
    const way = KEYS[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const far = event.shiftKey ? STEP * 5 : STEP;
    const at = map.project(marker.getLngLat());
    put(map.unproject([at.x + way[0] * far, at.y + way[1] * far]));
    if (!map.getBounds().contains(marker.getLngLat())) goTo(map, marker.getLngLat());
  });
  return {
    map,
    focus: () => button.focus({ preventScroll: true }),
    move: (to) => {
      if (!to) return;
      marker.setLngLat([to.lng, to.lat]);
      goTo(map, [to.lng, to.lat], Math.max(map.getZoom(), 16));
    },
  };
}

function drawPin() {
  const button = Object.assign(document.createElement('button'), { type: 'button', className: 'map-pin' });
  const svg = document.createElementNS(NS, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(NS, 'path');
  shape.setAttribute('d', 'M12 23s8.5-7.3 8.5-13.5a8.5 8.5 0 1 0-17 0C3.5 15.7 12 23 12 23Z');
  shape.setAttribute('class', 'pin-body');
  const eye = document.createElementNS(NS, 'circle');
  for (const [name, value] of Object.entries({ cx: 12, cy: 9.5, r: 3.2, class: 'pin-eye' })) eye.setAttribute(name, value);
  svg.append(shape, eye);
  button.append(svg);
  return button;
}
