// The house's map: MapLibre over the city's own tiles, or over the operator's. Loaded on a tap.
import * as maplibre from 'maplibre-gl';

const FACTS = JSON.parse(document.getElementById('basemap').textContent);
const dark = matchMedia('(prefers-color-scheme: dark)');
const still = matchMedia('(prefers-reduced-motion: reduce)');

export { maplibre };

/** Whether this device can draw a map at all. */
export function canDraw() {
  return Boolean(document.createElement('canvas').getContext('webgl2'));
}

/**
 * A map with the house's basemap, controls, keyboard and restraint.
 *
 * @param {HTMLElement} element emptied first; should have a size
 * @param {{center?: [number, number], zoom?: number, bounds?: number[], label?: string,
 *          locate?: boolean, interactive?: boolean}} [options] degrees, longitude first
 * @returns {Promise<maplibre.Map>} once the style is there; rejects with words for a person
 */
export async function createMap(element, options = {}) {
  if (!canDraw()) throw new Error(FACTS.words.unavailable);
  await stylesheet();
  const style = await basemap(dark.matches);
  element.replaceChildren();
  const [west, south, east, north] = FACTS.bounds;
  const map = new maplibre.Map({
    container: element,
    style,
    center: options.center ?? FACTS.centre,
    zoom: options.zoom ?? 12,
    ...(options.bounds ? { bounds: options.bounds } : {}),
    minZoom: 8,
    maxZoom: 19,
    maxBounds: [west - 0.4, south - 0.4, east + 0.4, north + 0.4],
    interactive: options.interactive ?? true,
    attributionControl: FACTS.attribution ? { compact: true } : false,
    cooperativeGestures: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    locale: FACTS.words,
    fadeDuration: still.matches ? 0 : 150,
    canvasContextAttributes: { antialias: false },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibre.NavigationControl({ showCompass: false }), 'top-right');
  if (options.locate) map.addControl(new maplibre.GeolocateControl({ trackUserLocation: false }), 'top-right');
  const canvas = map.getCanvas();
  canvas.setAttribute('aria-label', options.label ?? FACTS.words['Map.Title']);
  canvas.setAttribute('role', 'application');
  dark.addEventListener('change', async () => map.setStyle(await basemap(dark.matches), { transformStyle: keepOwn }));
  await new Promise((done, fail) => {
    map.once('load', done);
    setTimeout(() => fail(new Error(FACTS.words.failed)), 20_000);
  });
  return map;
}

/** Moves without animation for who asked for that. */
export function goTo(map, center, zoom = map.getZoom()) {
  if (still.matches) map.jumpTo({ center, zoom });
  else map.easeTo({ center, zoom, duration: 350 });
}

/** Says in the map's place why there is none. */
export function refuse(element, error) {
  const line = document.createElement('p');
  line.className = 'map-wait';
  line.textContent = error.message || FACTS.words.failed;
  element.replaceChildren(line);
}

/** A change of theme redraws the basemap and keeps the layers that a page has added. */
function keepOwn(before, after) {
  const own = before.layers.filter((layer) => !layer.metadata?.house && !layer.id.startsWith('base-'));
  const sources = Object.fromEntries(Object.entries(before.sources).filter(([name]) => !name.startsWith('base')));
  return { ...after, sources: { ...after.sources, ...sources }, layers: [...after.layers, ...own] };
}

function stylesheet() {
  if (document.querySelector(`link[href="${FACTS.css}"]`)) return Promise.resolve();
  const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: FACTS.css });
  return new Promise((done, fail) => {
    link.onload = done;
    link.onerror = () => fail(new Error(FACTS.words.failed));
    document.head.prepend(link);
  });
}

/** The style of the operator's basemap or of our own, in the light or dark palette. */
async function basemap(isDark) {
  const url = FACTS.url && new URL(FACTS.url, location.href).href.replaceAll('%7B', '{').replaceAll('%7D', '}');
  const attribution = FACTS.attribution || undefined;
  if (FACTS.mode === 'xyz') {
    const source = { type: 'raster', tiles: [url], tileSize: 256, maxzoom: 19, attribution };
    const paint = isDark ? { 'raster-brightness-max': 0.7, 'raster-saturation': -0.4 } : {};
    return style({ base: source }, [{ id: 'base-raster', type: 'raster', source: 'base', paint }], isDark);
  }
  if (FACTS.mode === 'pmtiles') {
    const { Protocol } = await import('pmtiles');
    if (!basemap.protocol) {
      basemap.protocol = new Protocol();
      maplibre.addProtocol('pmtiles', basemap.protocol.tile);
    }
    return vector({ type: 'vector', url: `pmtiles://${url}`, attribution }, isDark);
  }
  const tiles = FACTS.mode === 'mvt' ? url : location.origin + FACTS.tiles;
  return vector({ type: 'vector', tiles: [tiles], minzoom: 8, maxzoom: 16, attribution }, isDark);
}

const LIGHT = {
  beyond: '#dfe6ec', land: '#f4f2ed', minor: '#ffffff', major: '#ffffff', edge: '#d8d4ca', limit: '#8a94a3',
  area: '#c2bdb0', text: '#47474a', halo: '#f9f8f5', place: '#6a7280',
};
const DARK = {
  beyond: '#0f141b', land: '#1d2430', minor: '#343f50', major: '#46536a', edge: '#262f3d', limit: '#6b7789',
  area: '#3a4556', text: '#d3d7de', halo: '#1b222d', place: '#9aa5b6',
};

function style(sources, layers, isDark) {
  const background = { 'background-color': (isDark ? DARK : LIGHT).beyond };
  return { version: 8, sources, layers: [{ id: 'base-beyond', type: 'background', paint: background }, ...layers] };
}

const font = ['Raleway', 'sans-serif']; // drawn by the browser: no glyph server
const by = (...stops) => ['interpolate', ['exponential', 1.5], ['zoom'], ...stops];
const isMajor = ['==', ['get', 'class'], 'major'];

/** Layers over `municipality`, `areas` and `streets` (name, class 'major' | 'minor'). */
function vector(source, isDark) {
  const c = isDark ? DARK : LIGHT;
  const line = (id, filter, color, width, more = {}) => ({
    id: `base-${id}`, type: 'line', source: 'base', 'source-layer': 'streets', filter,
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': color, 'line-width': width, ...more },
  });
  const name = (id, layer, size, more) => ({
    id: `base-${id}`, type: 'symbol', source: 'base', 'source-layer': layer, ...more.top,
    layout: { 'text-field': ['get', 'name'], 'text-font': font, 'text-size': size, ...more.layout },
    paint: { 'text-color': more.color ?? c.text, 'text-halo-color': c.halo, 'text-halo-width': 1.6 },
  });
  const minorWidth = by(12, 0.4, 15, 3, 18, 16);
  const majorWidth = by(10, 0.8, 13, 2.6, 15, 6, 18, 24);
  return style({ base: source }, [
    { id: 'base-land', type: 'fill', source: 'base', 'source-layer': 'municipality', paint: { 'fill-color': c.land } },
    line('minor-edge', ['!', isMajor], c.edge, by(13, 1, 15, 4.4, 18, 18), { 'line-opacity': by(12, 0, 13.5, 1) }),
    line('major-edge', isMajor, c.edge, by(10, 1.6, 13, 4, 15, 7.6, 18, 26)),
    line('minor', ['!', isMajor], c.minor, minorWidth, { 'line-opacity': by(11.5, 0, 13, 1) }),
    line('major', isMajor, c.major, majorWidth),
    { id: 'base-areas', type: 'line', source: 'base', 'source-layer': 'areas',
      paint: { 'line-color': c.area, 'line-width': 1.2, 'line-dasharray': [3, 3] } },
    { id: 'base-limit', type: 'line', source: 'base', 'source-layer': 'municipality',
      paint: { 'line-color': c.limit, 'line-width': 1.4 } },
    name('street-names', 'streets', by(14, 10, 18, 14), {
      top: { minzoom: 14 }, layout: { 'symbol-placement': 'line', 'symbol-spacing': 320 } }),
    name('major-names', 'streets', 11, {
      top: { minzoom: 12.5, maxzoom: 14, filter: isMajor }, layout: { 'symbol-placement': 'line', 'symbol-spacing': 400 } }),
    name('area-names', 'areas', by(11, 10, 15, 14), {
      top: { minzoom: 11, maxzoom: 16 }, color: c.place,
      layout: { 'text-max-width': 7, 'text-transform': 'uppercase', 'text-letter-spacing': 0.06 } }),
  ], isDark);
}
