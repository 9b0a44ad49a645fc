// The crew's phone: open requests near me, with a network and without one.
import { getJSON, say } from 'house/api';
import { combobox } from 'house/combobox';
import { day, fetchArea, keepSurroundings, locate, meet, recall, recallActs } from 'house/crew-area';
import { clockTime, drawFirst, drawList, drawMore } from 'house/crew-list';
import { drawMap, moveMap, openMap } from 'house/crew-map';
import { flush } from 'house/crew-outbox';
import { drawQueue, prepareQueue } from 'house/crew-queue';
import { drawSheet, openSheet, prepareSheet } from 'house/crew-sheet';
import { forgetArea } from 'house/crew-store';

const $ = (id) => document.getElementById(id);
const form = $('near-form');
let timer = 0;
let hasMap = false;

// ---- drawing

function draw() {
  drawList();
  drawSheet();
  drawQueue();
  if (hasMap) drawMap();
  const out = day.network === 'out';
  alertOf(out ? say('signed_out') : '', out);
  $('refresh').hidden = $('toggle-map').hidden = !day.area;
  form.classList.toggle('known', Boolean(day.area));
  if (day.area) $('where').querySelector('summary').textContent = say('where', {
    radius: $('radius').selectedOptions[0].text, team: $('team').selectedOptions[0]?.text ?? '',
  });
  if (!day.area) return;
  const count = day.area.isWhole ? say('near_count', { n: day.features.length }) : say('near_some', { n: day.features.length });
  $('near-status').textContent = `${count} · ${say(day.network === 'online' ? 'updated' : 'kept_from', { time: clockTime(day.area.at) })}`;
}

function alertOf(words, login = false) {
  $('crew-alert').hidden = !words;
  $('crew-alert').querySelector('p').textContent = words;
  $('crew-alert').querySelector('a').hidden = !login;
}

function toast(words) {
  document.querySelector('.toast')?.remove();
  const box = Object.assign(document.createElement('p'), { className: 'toast', textContent: words });
  box.setAttribute('role', 'status');
  if (box.showPopover) box.popover = 'manual'; // above an open request
  document.body.append(box);
  box.showPopover?.();
  setTimeout(() => box.remove(), 5_000);
}

function drawTeams() {
  const teams = day.me?.teams ?? [];
  $('team-field').hidden = teams.length < 2;
  const value = $('team').options.length ? $('team').value : day.area?.team ?? '';
  $('team').replaceChildren(...[['', say('all_teams')], ...teams.map(({ slug, name }) => [slug, name])]
    .map(([slug, name]) => new Option(name, slug, false, slug === value)));
  const name = document.querySelector('.account-name');
  if (name && day.me) name.textContent = day.me.user.name || day.me.user.username;
}

// ---- asking the server

/** Everything anew: who, what waits here, what is around. Without a network, what was kept. */
async function refresh({ centre = day.area?.centre, quietly = false, force = false } = {}) {
  if (!quietly) $('near-status').textContent = say('loading');
  try {
    if (await meet()) centre = undefined;
    day.network = 'online';
    drawTeams();
    await send(force);
    if (centre) { // after the queue: what was done is not shown as open
      await fetchArea({ centre, radius: form.elements.raio.value, team: $('team').value });
      moveMap(centre);
      drawFirst();
    }
  } catch (error) {
    failed(error);
  }
  await recallActs().catch(failed);
  draw();
  if (day.network === 'online') keepSurroundings().catch(failed);
}

function failed(error) {
  if (error.kind === 'out' || error.status === 401 || error.status === 403) day.network = 'out';
  else if (error.name === 'QuotaExceededError') toast(say('no_space'));
  else if (error.kind || error instanceof TypeError || error.name === 'TimeoutError' || error.status >= 500) day.network = 'offline';
  else if (error.status) alertOf(error.message);
  else if (error instanceof DOMException) alertOf(say('no_store'));
  else throw error;
}

/** Sends what waits, and comes back by itself when it is to be tried again. */
async function send(force = false) {
  clearTimeout(timer);
  const report = await flush({ force });
  if (['offline', 'out'].includes(report.state)) day.network = report.state;
  else if (report.state === 'sent' || report.state === 'stuck') day.network = 'online';
  if (report.at) timer = setTimeout(sendAndDraw, Math.max(1_000, report.at - Date.now()));
  return report;
}

async function sendAndDraw(force = false) {
  if (!day.acts.length && !force) return;
  const report = await send(force === true);
  await recallActs();
  draw();
  if (report.sent) {
    toast(say('sent_now'));
    await refresh({ quietly: true });
  }
}

// ---- what a person does

combobox($('address'), {
  label: say('addresses'),
  search: async (q, signal) => (await getJSON('/api/v1/addresses', { q }, signal)).results,
  text: (found) => found.label,
  note: (found) => found.neighbourhood ?? '',
  pick: (found) => begin({ lat: found.lat, lng: found.lng }),
});

$('locate').addEventListener('click', async () => {
  $('near-status').textContent = say('locating');
  try {
    const { lat, lng } = await locate();
    await begin({ lat, lng });
  } catch (error) {
    if (error.name !== 'Error') throw error;
    $('near-status').textContent = error.message;
  }
});

function begin(centre) {
  $('where').open = false;
  if (day.area) day.area.centre = centre; // distances at once, also without a network
  draw();
  return refresh({ centre });
}

for (const control of [form.elements.raio, $('team')]) control.addEventListener('change', () => refresh());
for (const control of [...form.querySelectorAll('[name=ordem]'), $('service'), $('late-only'), $('urgent-only')]) {
  control.addEventListener('change', () => { drawFirst(); if (hasMap) drawMap(); });
}
$('refresh').addEventListener('click', () => refresh({ force: true }));
$('more').addEventListener('click', drawMore);
$('toggle-map').addEventListener('click', () => {
  const open = $('map-panel').hidden;
  $('map-panel').hidden = !open;
  $('toggle-map').setAttribute('aria-expanded', String(open));
  if (!open || hasMap) return;
  hasMap = true;
  openMap($('map'), day.area.centre, (protocol) => { location.hash = protocol; });
});

const byHash = () => { if (location.hash) openSheet(location.hash.slice(1)); };
window.addEventListener('hashchange', byHash);
prepareSheet((words) => {
  toast(words);
  draw();
  sendAndDraw(true);
});
prepareQueue(() => sendAndDraw(true));

window.addEventListener('online', () => refresh({ quietly: true, force: true }));
window.addEventListener('offline', () => { day.network = 'offline'; draw(); });
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') sendAndDraw();
});
new BroadcastChannel('crew').addEventListener('message', async () => { await recallActs(); draw(); });

document.querySelector('form.account')?.addEventListener('submit', async (event) => {
  const leaving = event.target;
  event.preventDefault();
  if (day.acts.length && !confirm(say('logout_sure', { n: day.acts.length }))) return;
  await forgetArea(); // the next one at this phone finds nothing; what was not sent stays
  leaving.submit();
});

window.addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  $('install').hidden = false;
  $('install').addEventListener('click', async () => { await event.prompt(); $('install').hidden = true; }, { once: true });
});

// ---- begin: what was kept, then what is new

async function install() {
  if (!('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register('/equipe/sw.js', { scope: '/equipe/' });
  const { active } = await navigator.serviceWorker.ready;
  if (!navigator.connection?.saveData) setTimeout(() => active.postMessage('warm'), 3_000);
  await navigator.storage?.persist?.();
}

try {
  await recall();
} catch (error) {
  alertOf(say('no_store'));
  console.warn(error);
}
const { lat, lng } = $('near-list').dataset;
const given = lat ? { lat: Number(lat), lng: Number(lng) } : day.area?.centre;
if (day.area) $('radius').value = day.area.radius;
$('where').open = !given;
drawTeams();
draw();
byHash();
await refresh({ centre: given });
if (!document.querySelector('dialog[open]')) byHash();
install().catch((error) => console.warn(error));
