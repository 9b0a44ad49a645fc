// The crew's service worker: the shell and the day's area without a network, and the queue sent in the
// background. The server puts before it the CONFIG, the store and the outbox: one classic file.
/* global CONFIG, flush */
const SHELL = `crew-shell-${CONFIG.version}`;
const TILES = 'crew-tiles';
const THUMBS = 'crew-thumbs';
const PATIENCE = 6_000;
const DOWN = new Set([502, 503, 504]);

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(SHELL);
    await cache.addAll([new Request(CONFIG.page, { cache: 'reload' }), ...CONFIG.shell]);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('crew-shell-') && name !== SHELL) await caches.delete(name);
    await self.clients.claim();
  })());
});

// The map is large: it comes once the page stands, and is there from then on.
self.addEventListener('message', (event) => {
  if (event.data !== 'warm') return;
  event.waitUntil((async () => {
    const cache = await caches.open(SHELL);
    for (const url of CONFIG.map) if (!await cache.match(url)) await cache.add(url).catch(() => {});
  })());
});

self.addEventListener('sync', (event) => {
  if (event.tag !== 'crew-outbox') return;
  event.waitUntil(flush({ force: true }).then(({ state }) => {
    if (state === 'offline' || state === 'later') throw new Error(state); // the browser tries again
  }));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET') return;
  const url = new URL(request.url);
  if (request.mode === 'navigate') {
    if (url.origin === location.origin && url.pathname.startsWith('/equipe/')) event.respondWith(page(request, url));
  } else if (url.origin === location.origin && url.pathname.startsWith('/static/')) event.respondWith(kept(request, SHELL));
  else if (CONFIG.tiles && request.url.startsWith(new URL(CONFIG.tiles, location.origin).href)) event.respondWith(tile(request));
  else if (url.origin === location.origin && url.pathname.startsWith('/foto/')) event.respondWith(thumbnail(request));
});

async function page(request, url) {
  try {
    const response = await Promise.race([
      fetch(request),
      new Promise((_, fail) => { setTimeout(() => fail(new Error('slow')), PATIENCE); }),
    ]);
    if (!DOWN.has(response.status)) return response;
  } catch {
    // No network, or as good as none.
  }
  const protocol = url.pathname.match(/^\/equipe\/chamado\/([\d-]+)\/$/)?.[1];
  if (protocol) return Response.redirect(`/equipe/#${protocol}`);
  return await caches.match(CONFIG.page, { ignoreVary: true }) ?? Response.error();
}

async function kept(request, name) {
  const found = await caches.match(request, { ignoreVary: true });
  if (found) return found;
  const response = await fetch(request);
  if (response.ok && response.status === 200) await put(name, request, response.clone());
  return response;
}

/** A tile; of an archive (pmtiles), the part of it that was asked for. */
async function tile(request) {
  const range = request.headers.get('Range')?.match(/^bytes=(\d+)-(\d+)$/);
  if (!range) return kept(request, TILES);
  const whole = await caches.match(request.url, { ignoreVary: true, cacheName: TILES });
  if (!whole) return fetch(request);
  const blob = await whole.blob();
  const [from, to] = [Number(range[1]), Math.min(Number(range[2]), blob.size - 1)];
  const headers = { 'Content-Range': `bytes ${from}-${to}/${blob.size}`, 'Content-Length': String(to - from + 1) };
  return new Response(blob.slice(from, to + 1), { status: 206, headers });
}

async function thumbnail(request) {
  return await caches.match(request, { ignoreVary: true, cacheName: THUMBS }) ?? fetch(request);
}

async function put(name, request, response) {
  try {
    await (await caches.open(name)).put(request, response);
  } catch (error) {
    if (error.name !== 'QuotaExceededError') throw error; // a full device still works, with the network
  }
}
