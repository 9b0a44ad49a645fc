// What a crew's phone keeps: acts and photos not yet sent, the day's requests, and who it belongs to.
// Also part of the service worker, which is one classic file: no imports that it cannot drop.

const STORES = {
  acts: { keyPath: 'seq', autoIncrement: true },
  photos: { keyPath: 'id' },
  issues: { keyPath: 'id' },
  meta: {},
};
let opening = null;

function database() {
  opening ??= new Promise((done, fail) => {
    const request = indexedDB.open('geocentral.crew', 1);
    request.onupgradeneeded = () => {
      for (const [name, options] of Object.entries(STORES)) request.result.createObjectStore(name, options);
    };
    request.onsuccess = () => {
      const db = request.result;
      db.onversionchange = () => db.close();
      db.onclose = () => { opening = null; };
      done(db);
    };
    request.onerror = () => { opening = null; fail(request.error); };
  });
  return opening;
}

const asked = (request) => new Promise((done, fail) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => fail(request.error);
});

/**
 * One transaction: all of `task` is kept, on the disk, or none of it.
 *
 * `task` gets the stores by name and may wait only for what they answer.
 */
export async function write(names, task) {
  const db = await database();
  const transaction = db.transaction(names, 'readwrite', { durability: 'strict' });
  const ended = new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => fail(transaction.error ?? new DOMException('aborted', 'AbortError'));
  });
  const stores = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
  let result;
  try {
    result = await task(stores, asked);
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It has ended by itself, for the same reason.
    }
    await ended.catch(() => {});
    throw error;
  }
  await ended;
  return result;
}

export async function all(name) {
  const db = await database();
  return asked(db.transaction(name).objectStore(name).getAll());
}

export async function get(name, key) {
  const db = await database();
  return asked(db.transaction(name).objectStore(name).get(key));
}

export const remember = (key, value) => write(['meta'], ({ meta }) => { meta.put(value, key); });

/** Keeps an act with its pictures, whole or not at all; throws QuotaExceededError where the device is full. */
export function keepAct(act, photos, former = []) {
  return write(['acts', 'photos'], async (stores, wait) => {
    for (const id of former) if (!act.photos.includes(id)) stores.photos.delete(id);
    for (const photo of photos) stores.photos.put({ ...photo, sent: false });
    return wait(stores.acts.put(act));
  });
}

/** Takes an act out, and its pictures unless another act has them; not one that was changed meanwhile. */
export function dropAct(act) {
  return write(['acts', 'photos'], async (stores, wait) => {
    const kept = await wait(stores.acts.get(act.seq));
    if (kept?.client_id !== act.client_id) return;
    stores.acts.delete(act.seq);
    const others = (await wait(stores.acts.getAll())).flatMap((other) => other.photos);
    for (const id of act.photos) if (!others.includes(id)) stores.photos.delete(id);
  });
}

/** Changes facts of an act, unless a person has changed the act itself meanwhile. */
export function amendAct(act, facts) {
  return write(['acts'], async ({ acts }, wait) => {
    const kept = await wait(acts.get(act.seq));
    if (kept?.client_id === act.client_id) acts.put({ ...kept, ...facts });
  });
}

/** The day's requests instead of those before: what is no longer ours is gone. */
export function keepArea(features, area) {
  return write(['issues', 'meta'], ({ issues, meta }) => {
    issues.clear();
    for (const feature of features) issues.put(feature);
    meta.put(area, 'area');
  });
}

/** Forgets what was read from the server; acts that were not sent stay. */
export async function forgetArea() {
  await write(['issues', 'meta'], ({ issues, meta }) => {
    issues.clear();
    for (const key of ['area', 'me']) meta.delete(key);
  });
  await globalThis.caches?.delete('crew-thumbs');
}
