// Sends what was done: one sender at a time, whichever page or worker it is in; nothing is dropped here.
// Also part of the service worker, which is one classic file: no imports that it cannot drop.
import { all, amendAct, dropAct, get, remember, write } from 'house/crew-store';

const API = '/api/v1/crew/';
const BATCH = 50;
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 300_000;
const channel = new BroadcastChannel('crew');

/** Tells every page that the queue or the day has changed. */
export const tell = (what) => channel.postMessage(what);

/** What went wrong on the way: `kind` is offline, out (not signed in), later (5xx, 429) or refused. */
class Failure extends Error {
  constructor(kind, problem = {}, wait = 0) {
    super(problem.title ?? kind);
    Object.assign(this, { kind, problem, wait });
  }
}

async function ask(url, options = {}, seconds = 30) {
  let response;
  try {
    response = await fetch(url, {
      ...options, headers: { Accept: 'application/json', ...options.headers }, signal: AbortSignal.timeout(seconds * 1000),
    });
  } catch (error) {
    throw new Failure('offline', { title: error.message });
  }
  if (response.ok) return readJSON(response);
  const problem = await response.json().catch(() => ({ status: response.status }));
  const wait = 1000 * (Number(response.headers.get('Retry-After')) || 0);
  if (response.status >= 500 || response.status === 429 || response.status === 408) throw new Failure('later', problem, wait);
  if (response.status === 401 || response.status === 403) throw new Failure('out', problem);
  throw new Failure('refused', problem);
}

async function readJSON(response) {
  try {
    return await response.json();
  } catch (error) {
    throw new Failure('offline', { title: error.message }); // cut off, or somebody else's log-in page
  }
}

/** Who is signed in, and what the server's clock says; remembered for when there is no network. */
export async function whoAmI() {
  const before = Date.now();
  const me = await ask(`${API}me`, {}, 15);
  if (!me?.user?.id) throw new Failure('offline');
  await write(['meta'], ({ meta }) => {
    meta.put(me, 'me');
    meta.put({ device: Math.round((before + Date.now()) / 2), server: me.now }, 'heard');
  });
  return me;
}

/**
 * Sends what can be sent. `force` does not wait for the end of a back-off.
 *
 * @returns {Promise<{state: 'empty' | 'sent' | 'stuck' | 'offline' | 'out' | 'other' | 'later', sent: number, at?: number}>}
 * stuck: what is left waits for a person; other: for another person to sign in; later: until `at`
 */
export function flush({ force = false } = {}) {
  const run = () => send(force);
  return navigator.locks ? navigator.locks.request('crew-outbox', run) : run();
}

async function send(force) {
  const report = { state: 'empty', sent: 0 };
  let me = null;
  let size = BATCH;
  const skipped = new Set();
  try {
    for (;;) {
      const acts = await all('acts');
      if (!acts.length) return report;
      const free = sendable(acts, skipped);
      if (!free.length) {
        if (skipped.size) throw new Failure('later');
        return { ...report, state: 'stuck' };
      }
      const retry = await get('meta', 'retry');
      if (!me && !force && retry && retry.at > Date.now() && retry.at < Date.now() + LONGEST_WAIT) {
        return { ...report, state: 'later', at: retry.at };
      }
      me ??= await whoAmI();
      const mine = free.filter((act) => act.owner === me.user.id);
      if (!mine.length) return { ...report, state: 'other' };
      const { ready, photo, act } = await nextStep(mine);
      try {
        if (ready.length) report.sent += await post(ready.slice(0, size), me);
        else await upload(photo, act);
        report.state = 'sent';
        if (retry) await remember('retry', null);
      } catch (error) {
        if (!(error instanceof Failure) || !['later', 'refused'].includes(error.kind) || error.problem.status === 429) throw error;
        if (!ready.length) skipped.add(act.protocol); // one picture fails: the other requests go on
        else if (size > 1 && ready.length > 1) size = 1; // one act may spoil the batch: find out which
        else if (error.kind === 'refused') await mark(ready[0], 'refused', error.problem);
        else skipped.add(ready[0].protocol);
      }
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...report, state: error.kind === 'refused' ? 'later' : error.kind, ...(await wait(error)) };
  } finally {
    tell('queue');
  }
}

/** In order, but for what waits behind an act of the same request that did not pass. */
function sendable(acts, skipped) {
  const stuck = new Set(skipped);
  return acts.filter((act) => {
    if (act.status !== 'waiting') stuck.add(act.protocol);
    return !stuck.has(act.protocol);
  });
}

/** The acts whose pictures have all arrived, or the first picture that has not. */
async function nextStep(acts) {
  const unsent = new Map((await all('photos')).filter((photo) => !photo.sent).map((photo) => [photo.id, photo]));
  const behind = new Set();
  let photo = null;
  let needs = null;
  const ready = acts.filter((act) => {
    const missing = act.photos.find((id) => unsent.has(id));
    if (missing && !behind.has(act.protocol)) {
      behind.add(act.protocol);
      photo ??= unsent.get(missing);
      needs ??= act;
    }
    return !behind.has(act.protocol);
  });
  return { ready, photo, act: needs };
}

async function upload(photo, act) {
  try {
    const headers = { 'Content-Type': photo.blob.type || 'application/octet-stream' };
    await ask(`/api/v1/uploads/${photo.id}`, { method: 'PUT', headers, body: photo.blob }, 120);
    await write(['photos'], async ({ photos }, wait) => {
      const kept = await wait(photos.get(photo.id));
      if (kept) photos.put({ ...kept, sent: true });
    });
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== 'refused') throw error;
    await mark(act, 'refused', error.problem);
  }
}

async function post(acts, me) {
  const answer = await ask(`${API}sync`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': me.csrf },
    body: JSON.stringify({ sent_at: Date.now(), acts: acts.map(body) }),
  }, 60);
  const byId = new Map(acts.map((act) => [act.client_id, act]));
  let done = 0;
  let again = null;
  for (const result of answer.results) {
    const act = byId.get(result.client_id);
    if (!act) continue;
    if (result.status === 'done') {
      await dropAct(act);
      await settle(act.protocol, result.acted);
      done += 1;
    } else if (result.status === 'later') again = act;
    else if (result.status === 'conflict' || result.status === 'refused') await answered(act, result);
  }
  if (again && !done) throw new Failure('later');
  return done;
}

const body = ({ client_id, protocol, action, seen, at, heard, fields, photos }) => {
  const said = { client_id, protocol, action, at: Math.round(at), ...fields };
  if (seen) said.seen = seen;
  if (heard) Object.assign(said, { heard: heard.device, heard_at: heard.server });
  if (!photos.length) return said;
  return said.proof ? { ...said, proof: { ...said.proof, photos } } : { ...said, photos };
};

async function answered(act, { status, problem, standing }) {
  if (problem?.code === 'photo.unknown' && !act.resent) {
    // Left lying too long, the server has thrown it away; we still have it.
    await amendAct(act, { resent: true });
    await write(['photos'], async (stores, wait) => {
      for (const id of act.photos) {
        const kept = await wait(stores.photos.get(id));
        if (kept) stores.photos.put({ ...kept, sent: false });
      }
    });
    return;
  }
  await mark(act, status, problem, standing);
  if (standing) await settle(act.protocol, standing);
  else if (problem?.code === 'issue.unknown') await write(['issues'], ({ issues }) => { issues.delete(act.protocol); });
}

/** Leaves the act in the queue, told apart from those that wait for the network. */
function mark(act, status, problem = {}, standing = null) {
  return amendAct(act, { status, problem, standing });
}

/** The request as the server has it now. */
function settle(protocol, { state, is_open: isOpen }) {
  return write(['issues'], async ({ issues }, wait) => {
    const kept = await wait(issues.get(protocol));
    if (!kept) return;
    if (isOpen) issues.put({ ...kept, properties: { ...kept.properties, state } });
    else issues.delete(protocol);
  });
}

/** After a failure: when to try again, longer each time. */
async function wait(failure) {
  if (failure.kind === 'out') return {};
  const before = await get('meta', 'retry');
  const tries = (before?.tries ?? 0) + 1;
  const pause = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(tries - 1, 8)) * (0.75 + Math.random() / 2);
  const at = Date.now() + Math.max(pause, Math.min(failure.wait, LONGEST_WAIT));
  await remember('retry', { tries, at });
  return { at };
}
