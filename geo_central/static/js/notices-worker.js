// Shows a message that arrived by push, and opens the request when it is tapped.
self.addEventListener('install', () => self.skipWaiting());

self.addEventListener('push', (event) => {
  const told = event.data ? event.data.json() : {};
  event.waitUntil(self.registration.showNotification(told.title || '', {
    body: told.body,
    tag: told.tag,
    lang: told.lang,
    icon: '/static/img/brand.svg',
    data: { url: told.url },
  }));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { url } = event.notification.data;
  // Only our own pages: the message came through somebody else's server.
  if (!url || new URL(url).origin !== self.location.origin) return;
  event.waitUntil((async () => {
    const shown = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const same = shown.find((client) => client.url.split(/[?#]/)[0] === url);
    return same ? same.focus() : self.clients.openWindow(url);
  })());
});
