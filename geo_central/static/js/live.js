// What happens elsewhere, in the same second: a stream of events, or questions where no stream comes
// through. And pages that keep themselves up to date: the server draws them, only what differs is touched.

const POLL_MS = 15_000;
const SILENCE_MS = 40_000; // two heart-beats and a half: somebody in between is holding the stream back
const AGAIN_MS = 60_000;
const LONGEST_MS = 600_000;

/**
 * Listens from `after` on, each event once, for as long as somebody looks at the page.
 * `state` is told 'live', 'waiting' (coming back), 'polling' or 'stopped'.
 */
export function listen({ stream, poll, after = '', event, gone = event, reset = () => location.reload(), state = () => {} }) {
  let position = after;
  let source = null;
  let now = '';
  let watch = 0;
  let next = 0;
  let failures = 0;
  let over = false;

  const be = (said) => { if (said !== now) state(now = said); };
  const at = (url) => {
    const address = new URL(url, location.href);
    if (position) address.searchParams.set('after', position);
    return address;
  };
  function alive() {
    clearTimeout(watch);
    watch = setTimeout(fall, SILENCE_MS);
  }
  function close() {
    clearTimeout(watch);
    clearTimeout(next);
    source?.close();
    source = null;
  }
  function stop() {
    over = true;
    close();
    be('stopped');
  }
  function take(message, tell) {
    alive();
    position = message.lastEventId || position;
    tell(JSON.parse(message.data));
  }
  function open() {
    close();
    source = new EventSource(at(stream));
    const on = (kind, act) => source.addEventListener(kind, act);
    on('open', () => { failures = 0; alive(); be('live'); });
    on('message', (message) => take(message, event));
    on('gone', (message) => take(message, gone));
    on('reset', reset);
    on('here', (message) => take(message, () => {}));
    on('beat', alive);
    on('away', () => { alive(); be('waiting'); });
    on('back', () => { alive(); be('live'); });
    on('closed', stop);
    on('error', ({ target }) => (target.readyState === EventSource.CLOSED ? fall() : be('waiting')));
  }
  function fall() {
    close();
    if (now === 'live') be('waiting');
    failures += 1;
    ask(Date.now() + Math.min(LONGEST_MS, AGAIN_MS * 2 ** (failures - 1)));
  }
  async function ask(until) {
    const from = position;
    try {
      const response = await fetch(at(poll), { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(POLL_MS) });
      if (over || source || document.hidden) return;
      if ([401, 403, 404].includes(response.status)) return void stop();
      if (!response.ok) throw new Error(`${response.status}`);
      const told = await response.json();
      if (over || source || position !== from) return;
      be('polling');
      position = told.position;
      for (const each of told.events) (each.gone ? gone : event)(each);
    } catch {
      if (over || source) return;
      be('waiting');
    }
    next = setTimeout(() => (Date.now() > until ? open() : ask(until)), POLL_MS * (0.8 + Math.random() * 0.4));
  }
  // A page that nobody looks at holds no connection; it reads on from where it was.
  const look = () => { if (!over) (document.hidden ? close : open)(); };
  document.addEventListener('visibilitychange', look);
  addEventListener('online', look);
  addEventListener('offline', () => {
    if (over) return;
    close();
    be('waiting');
  });
  addEventListener('pagehide', close);
  addEventListener('pageshow', ({ persisted }) => { if (persisted) look(); });
  look();
}

let running = null;
let again = false;

/** Draws every `[data-live]` of the page anew from the server; resolves to the items that were added. */
export function refresh() {
  if (running) {
    again = true;
    return running;
  }
  running = (async () => {
    const added = [];
    do {
      again = false;
      await new Promise((done) => { setTimeout(done, Math.random() * 200); }); // many may watch the same thing
      added.push(...await redraw());
    } while (again);
    return added;
  })().finally(() => { running = null; });
  return running;
}

async function redraw() {
  const url = new URL(location.href);
  url.searchParams.delete('novo');
  const response = await fetch(url, { headers: { Accept: 'text/html' }, signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), 'text/html');
  const added = [];
  for (const region of document.querySelectorAll('[data-live]')) {
    const fresh = page.querySelector(`[data-live="${region.dataset.live}"]`);
    if (fresh && !isBusy(region)) change(region, fresh, added);
  }
  return added;
}

/** Whether somebody is filling in a form there: what was typed is not taken away. */
function isBusy(region) {
  if (region.querySelector('[data-kept]')) return true;
  if ([...region.querySelectorAll('select')].some((field) => field.selectedIndex !== Math.max(0, [...field.options].findIndex((o) => o.defaultSelected)))) return true;
  return [...region.querySelectorAll('input, textarea')].some((field) => field === document.activeElement
    || (['radio', 'checkbox'].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue));
}

/** Makes `old` look like `fresh`, keeping every node that can stay, and so focus, selection and place. */
function change(old, fresh, added) {
  if (old.isEqualNode(fresh)) return;
  for (const { name } of [...old.attributes]) if (name !== 'open' && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (name !== 'open' && old.getAttribute(name) !== value) old.setAttribute(name, value);
  let at = old.firstChild;
  for (const node of fresh.childNodes) {
    if (at && at.nodeName === node.nodeName && at.id === node.id) {
      if (node.nodeType === Node.ELEMENT_NODE) change(at, node, added);
      else if (at.data !== node.data) at.data = node.data;
      at = at.nextSibling;
    } else {
      const made = document.importNode(node, true);
      old.insertBefore(made, at);
      if (made.nodeName === 'LI') added.push(made);
    }
  }
  while (at) {
    const following = at.nextSibling;
    at.remove();
    at = following;
  }
}

/**
 * Keeps the page up to date by the stream named on `root` (data-stream, data-poll, data-after).
 * `[data-live-status]` within it shows how it goes, in the words of its own data-*;
 * `[data-live-said]` speaks what was added to whoever listens to the page.
 * With data-about, a protocol, the stream is that of many requests: only what is said of this one counts,
 * and the page is drawn again once the stream is there, for what happened before.
 */
export function keep(root) {
  const status = root.querySelector('[data-live-status]');
  const voice = root.querySelector('[data-live-said]');
  const { about } = root.dataset;
  const draw = async () => {
    try {
      const added = await refresh();
      if (voice && added.length) voice.textContent = added.map((item) => item.innerText.replace(/\s+/g, ' ')).join('. ');
    } catch (problem) {
      if (about && problem.message === '404') return void location.reload(); // it has gone to another team
      setTimeout(draw, 5000 + Math.random() * 5000);
    }
  };
  listen({
    stream: root.dataset.stream,
    poll: root.dataset.poll,
    after: root.dataset.after,
    event: (told) => { if (!about || told.protocol === about) draw(); },
    reset: draw,
    state: (now) => {
      if (about && (now === 'live' || now === 'polling')) draw();
      if (!status) return;
      status.dataset.state = now;
      status.querySelector('span').textContent = status.dataset[now === 'live' ? 'on' : now];
      status.hidden = false;
    },
  });
}
