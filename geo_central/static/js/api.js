// Talking to the server: JSON, fragments of HTML, and what went wrong in the server's own words.

/** An answer that is not a success: `code` and `field` of problem+json, `message` for a person. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.title ?? say('failed'));
    this.status = status;
    this.code = body.code ?? '';
    this.field = body.field ?? '';
  }
}

const WORDS = JSON.parse(document.getElementById('words')?.textContent ?? '{}');

/** A sentence of the page's catalogue with its facts filled in. */
export function say(code, facts = {}) {
  const text = WORDS[code] ?? code;
  return text.replace(/%\((\w+)\)s/g, (_, name) => facts[name] ?? '').replaceAll('%%', '%');
}

async function answer(url, options, seconds) {
  const response = await fetch(url, { ...options, signal: options.signal ?? AbortSignal.timeout(seconds * 1000) });
  if (response.ok) return response;
  let body = {};
  if (response.headers.get('content-type')?.includes('json')) body = await response.json();
  throw new Problem(response.status, body);
}

const query = (params) => new URLSearchParams(Object.entries(params).filter(([, v]) => v !== '' && v != null));

/** GET a JSON document. */
export async function getJSON(url, params = {}, signal = undefined) {
  const response = await answer(`${url}?${query(params)}`, { headers: { Accept: 'application/json' }, signal }, 15);
  return response.json();
}

/** GET a piece of a page, drawn by the server from its own templates. */
export async function getFragment(url, params = {}, signal = undefined) {
  const response = await answer(`${url}?${query(params)}`, { headers: { Accept: '*/*' }, signal }, 15);
  const template = document.createElement('template');
  template.innerHTML = await response.text();
  return template.content;
}

/** POST a JSON body. */
export async function postJSON(url, body) {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json' };
  const response = await answer(url, { method: 'POST', headers, body: JSON.stringify(body) }, 30);
  return response.json();
}

/** Runs `task(signal, ...args)` once typing pauses; a newer call cancels the one before. */
export function debounced(task, wait = 250) {
  let timer = 0;
  let running = null;
  return (...args) => {
    clearTimeout(timer);
    running?.abort();
    timer = setTimeout(async () => {
      running = new AbortController();
      try {
        await task(running.signal, ...args);
      } catch (error) {
        if (error.name !== 'AbortError') throw error;
      }
    }, wait);
  };
}

/** A random UUID, on plain http too, where crypto.randomUUID is missing. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
