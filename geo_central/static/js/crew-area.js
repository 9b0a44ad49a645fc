// The day on this phone: who works, the requests around, what was done to them and has not left yet.
import { getJSON, say, uuid } from 'house/api';
import { whoAmI } from 'house/crew-outbox';
import { all, forgetArea, get, keepAct, keepArea, write } from 'house/crew-store';

const CLOSED = new Set(['resolved', 'confirmed', 'rejected', 'duplicate', 'cancelled']);
const EARTH_M = 6_371_008.8;
const ZOOMS = [11, 12, 13, 14, 15, 16];
const TILES_LIMIT = 500;
const TILES_AGE = 7 * 86_400_000;

/** Acts and features as the store has them; `network` is online, offline or out (not signed in). */
export const day = { me: null, features: [], acts: [], area: null, retryAt: 0, network: navigator.onLine ? 'online' : 'offline' };

/** What this device kept, before anything is asked for. */
export async function recall() {
  const [me, area, features, acts] = await Promise.all([get('meta', 'me'), get('meta', 'area'), all('issues'), all('acts')]);
  Object.assign(day, { me: me ?? null, area: area ?? null, features, acts });
}

export async function recallActs() {
  const [acts, features, retry] = await Promise.all([all('acts'), all('issues'), get('meta', 'retry')]);
  Object.assign(day, { acts, features, retryAt: retry?.at ?? 0 });
}

/** Whether another person is signed in than before, who finds nothing of theirs but what was not sent. */
export async function meet() {
  const before = await get('meta', 'me');
  const me = await whoAmI();
  const isAnother = Boolean(before) && before.user.id !== me.user.id;
  if (isAnother) {
    await forgetArea();
    await write(['meta'], ({ meta }) => { meta.put(me, 'me'); });
    Object.assign(day, { features: [], area: null });
  }
  day.me = me;
  for (const field of document.querySelectorAll('[name=csrfmiddlewaretoken]')) field.value = me.csrf;
  return isAnother;
}

/** The open requests around a point, kept for when there is no network; those no longer ours are gone. */
export async function fetchArea({ centre, radius, team }) {
  const page = await getJSON('/api/v1/crew/area', { ...centre, radius, team });
  day.features = page.features;
  day.area = { centre, radius, team, isWhole: page.is_whole, at: Date.now() };
  await keepArea(page.features, day.area);
}

/** The act of the table with that name. */
export const kindOf = (action) => day.me?.acts.find((kind) => kind.action === action);

/** What was done to a request and has not left yet. */
export const pendingOf = (protocol) => day.acts.filter((act) => act.protocol === protocol);

/** The state of a request once what waits here has arrived; null where only the server can tell. */
export function stateOf(feature) {
  let { state } = feature.properties;
  for (const act of pendingOf(feature.id)) {
    const kind = kindOf(act.action);
    if (act.status !== 'waiting' || !kind?.target) continue;
    state = act.action === 'complete' || kind.target === 'before_waiting' ? null : kind.target;
  }
  return state;
}

/** Whether it is still work to do here. */
export function isOpen(feature) {
  const gone = pendingOf(feature.id).some((act) => act.action === 'cannot_do' && act.status === 'waiting');
  return !gone && !CLOSED.has(stateOf(feature));
}

/** What this person may do to it now, in the order of the table. */
export function allowed(feature) {
  const state = stateOf(feature) ?? 'assigned';
  const { roles = [], steps = [], may_skip: maySkip } = feature.work ?? {};
  return (day.me?.acts ?? []).filter((kind) => {
    if (!kind.sources.includes(state) || !kind.by.some((role) => roles.includes(role))) return false;
    if (kind.action === 'complete') return steps.length > 0;
    return kind.action !== 'resolve' || !steps.length || maySkip;
  });
}

/**
 * Keeps one act of this moment, whole or not at all.
 *
 * `before` is an act of the queue that this one takes the place of. Throws QuotaExceededError.
 */
export async function queue(feature, action, { fields = {}, photos = [], before = null, seen = undefined } = {}) {
  const heard = await get('meta', 'heard');
  const { id, geometry, properties, work } = feature;
  const moves = Boolean(kindOf(action)?.target);
  const act = {
    client_id: uuid(),
    owner: before?.owner ?? day.me.user.id,
    protocol: id,
    action,
    seen: seen === undefined ? (moves && stateOf(feature)) || null : seen,
    at: before?.at ?? Date.now(),
    heard: before?.heard ?? heard ?? null,
    fields,
    photos: photos.map((photo) => photo.id),
    status: 'waiting',
    feature: { id, geometry, properties, work },
  };
  if (before) act.seq = before.seq;
  try {
    await keepAct(act, photos, before?.photos);
  } catch (error) {
    if (error.name !== 'QuotaExceededError') throw error;
    await makeRoom(); // what can be fetched again makes way for what cannot
    await keepAct(act, photos, before?.photos);
  }
  await recallActs();
  navigator.serviceWorker?.ready.then((registration) => registration.sync?.register('crew-outbox')).catch(() => {});
}

async function makeRoom() {
  await globalThis.caches?.delete('crew-tiles');
  await globalThis.caches?.delete('crew-thumbs');
}

/** Metres between two points {lng, lat}, on the sphere. */
export function metresBetween(a, b) {
  const rad = Math.PI / 180;
  const [south, east] = [(b.lat - a.lat) * rad, (b.lng - a.lng) * rad];
  const h = Math.sin(south / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(east / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}

/** Where a request is, mended places that have not been sent included. */
export function pointOf({ id, geometry: { coordinates: [lng, lat] } }) {
  const mended = pendingOf(id).findLast((act) => act.action === 'move' && act.status === 'waiting');
  return mended ? { lng: mended.fields.lng, lat: mended.fields.lat } : { lng, lat };
}

/** Where the device is, found at most `age` ms ago: {lat, lng, accuracy_m}; rejects with words for a person. */
export function locate(age = 10_000) {
  return new Promise((done, fail) => {
    const refuse = () => fail(new Error(say('locate_failed')));
    if (!navigator.geolocation) return refuse();
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ lat: coords.latitude, lng: coords.longitude, accuracy_m: Math.round(coords.accuracy) }),
      refuse, { enableHighAccuracy: true, timeout: 20_000, maximumAge: age },
    );
    return undefined;
  });
}

// ---- pictures and the map of the area, for a place without a network

const facts = JSON.parse(document.getElementById('basemap')?.textContent ?? '{}');
let fetching = null;

/** Thumbnails and tiles of the day's area, one after the other, without hurry; a newer call ends the one before. */
export async function keepSurroundings() {
  if (!globalThis.caches || !day.area) return;
  fetching?.abort();
  fetching = new AbortController();
  const { signal } = fetching;
  try {
    await keepAll('crew-thumbs', thumbnails(), signal, true);
    await keepAll('crew-tiles', await tilesAnew(), signal, true);
  } catch (error) {
    if (!['AbortError', 'TypeError', 'QuotaExceededError', 'TimeoutError'].includes(error.name)) throw error;
  }
}

const thumbnails = () => day.features.flatMap((f) => (f.work?.photos ?? []).map((photo) => `/foto/${photo.id}/thumb.jpg`));

async function keepAll(name, urls, signal, exactly) {
  const cache = await caches.open(name);
  if (exactly) {
    const wanted = new Set(urls.map((url) => new URL(url, location.href).href));
    for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  }
  for (const url of urls) {
    signal.throwIfAborted();
    if (await cache.match(url, { ignoreVary: true })) continue;
    const response = await fetch(url, { signal, priority: 'low' });
    if (response.ok || response.type === 'opaque') await cache.put(url, response);
  }
}

/** The tiles, all of them anew once a week. */
async function tilesAnew() {
  const since = await get('meta', 'tiles');
  if (!since || Date.now() - since > TILES_AGE || since > Date.now()) {
    await caches.delete('crew-tiles');
    await write(['meta'], ({ meta }) => { meta.put(Date.now(), 'tiles'); });
  }
  return tiles();
}

/** The addresses of the tiles over what is to be done today, far to near; an archive is one file. */
function tiles() {
  if (facts.mode === 'pmtiles') return [facts.url];
  const pattern = facts.url && facts.mode !== 'pmtiles' ? decodeURI(facts.url) : facts.tiles;
  const points = [day.area.centre, ...day.features.map(pointOf)];
  const box = {
    west: Math.min(...points.map((p) => p.lng)), east: Math.max(...points.map((p) => p.lng)),
    south: Math.min(...points.map((p) => p.lat)), north: Math.max(...points.map((p) => p.lat)),
  };
  const found = [];
  for (const z of navigator.connection?.saveData ? ZOOMS.slice(0, -2) : ZOOMS) {
    const [left, top] = tileAt(box.west, box.north, z);
    const [right, bottom] = tileAt(box.east, box.south, z);
    for (let x = left; x <= right; x++) {
      for (let y = top; y <= bottom; y++) {
        if (found.length === TILES_LIMIT) return found;
        found.push(pattern.replace('{z}', z).replace('{x}', x).replace('{y}', y));
      }
    }
  }
  return found;
}

function tileAt(lng, lat, z) {
  const n = 2 ** z;
  const y = (1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2;
  return [Math.floor(((lng + 180) / 360) * n), Math.floor(y * n)];
}
