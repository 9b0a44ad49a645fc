// One request on the whole screen: what it is, what may be done now, what else is near.
import { say } from 'house/api';
import { allowed, day, isOpen, kindOf, metresBetween, pendingOf, pointOf, queue, stateOf } from 'house/crew-area';
import { closeForm, openForm } from 'house/crew-form';
import { age, directions, distance, due, isLate, isUrgent, metres, people } from 'house/crew-list';

const $ = (id) => document.getElementById(id);
const sheet = $('sheet');
const HERE_M = 300;
const DUPLICATE_M = 250;
const FIRST = ['go', 'start', 'complete', 'resolve', 'resume'];
const ONE_TAP = new Set(['go', 'start', 'resume']);

let shown = null;
let changed = () => {};

/** `told` is called after every act that was kept. */
export function prepareSheet(told) {
  changed = told;
  for (const box of document.querySelectorAll('dialog.sheet')) {
    box.querySelector('[data-close]').addEventListener('click', () => box.close());
  }
  sheet.addEventListener('close', () => {
    closeForm();
    shown = null;
    if (location.hash) history.replaceState(null, '', location.pathname + location.search);
    document.getElementById(`job-${sheet.dataset.protocol}`)?.focus({ preventScroll: true });
  });
}

/** Opens the request with that protocol, or says nothing where it is not here any more. */
export function openSheet(protocol) {
  const feature = day.features.find(({ id }) => id === protocol);
  if (!feature) return false;
  shown = feature;
  sheet.dataset.protocol = protocol;
  closeForm();
  drawSheet();
  if (!sheet.open) sheet.showModal();
  sheet.scrollTop = 0;
  $('sheet-name').focus({ preventScroll: true });
  return true;
}

/** The request on the screen, as it is now. */
export function drawSheet() {
  if (!shown) return;
  shown = day.features.find(({ id }) => id === shown.id) ?? shown;
  const { id, properties: issue, work } = shown;
  const state = stateOf(shown);
  $('sheet-protocol').textContent = id;
  $('sheet-name').textContent = issue.service_name;
  $('sheet-state').textContent = day.me?.states[state] ?? say('not_sent');
  $('sheet-due').querySelector('span').textContent = due(issue);
  $('sheet-due').classList.toggle('late', isLate(issue));
  $('sheet-urgent').hidden = !isUrgent(issue);
  $('sheet-address').textContent = issue.address || '–';
  $('sheet-facts').textContent = [metres(distance(shown)), age(issue), people(issue), work?.team_name].filter(Boolean).join(' · ');
  $('sheet-text').textContent = work?.description || issue.description;
  $('sheet-go').href = directions(shown);
  $('sheet-page').href = `/equipe/chamado/${id}/`;
  $('sheet-photos').replaceChildren(...(work?.photos ?? []).map(picture));
  drawPending();
  drawActs();
  drawHere();
}

function drawPending() {
  const acts = pendingOf(shown.id);
  $('sheet-pending').hidden = !acts.length;
  $('sheet-pending').querySelector('p').textContent = `${acts.map((act) => wordsOf(act.action)).join(', ')}: ${say('not_sent')}`;
}

/** What a button or a line calls an act. */
export const wordsOf = (action) => kindOf(action)?.words ?? (action === 'move' ? $('act-form').dataset.move : action);

function drawActs() {
  const may = allowed(shown);
  const going = pendingOf(shown.id).some((act) => act.action === 'go');
  const first = may.filter(({ action }) => FIRST.includes(action) && !(action === 'go' && (going || stateOf(shown) === 'in_progress')));
  const more = [...may.filter(({ action }) => !FIRST.includes(action)).map(({ action }) => action), ...(may.length && isOpen(shown) ? ['move'] : [])];
  const working = ['in_progress', null].includes(stateOf(shown));
  const likely = first.find(({ action }) => action !== 'go' && (!working || action !== 'start'))?.action;
  $('acts-first').replaceChildren(...first.map(({ action }) => button(action, action === likely ? '' : 'second')));
  $('acts-more').replaceChildren(...more.map((action) => button(action, 'second')));
  $('sheet-acts').hidden = false;
}

function button(action, look) {
  const made = Object.assign(document.createElement('button'), { type: 'button', className: `btn ${look}`, textContent: wordsOf(action) });
  made.dataset.act = action;
  made.addEventListener('click', () => (ONE_TAP.has(action) ? oneTap(action, made) : ask(action)));
  return made;
}

async function oneTap(action, made) {
  made.disabled = true; // a second tap of the same thumb is not a second act
  try {
    await queue(shown, action);
  } catch (error) {
    changed(say(error.name === 'QuotaExceededError' ? 'no_space' : 'no_store'));
    made.disabled = false;
    return;
  }
  drawSheet();
  changed(say('kept'));
}

function ask(action, before = null) {
  $('sheet-acts').hidden = true;
  const here = pointOf(shown);
  const near = action !== 'duplicate' ? [] : day.features
    .filter((f) => f.id !== shown.id && f.properties.service === shown.properties.service && metresBetween(here, pointOf(f)) <= DUPLICATE_M)
    .slice(0, 5);
  return openForm(shown, action, {
    before, near,
    left: () => drawSheet(),
    done: () => {
      drawSheet();
      if (!isOpen(shown)) sheet.close();
      changed(say('kept'));
    },
  });
}

/** Opens an act of the queue again, to be changed: as it was, or as another one that is possible now. */
export async function change(act) {
  const kept = day.features.find(({ id }) => id === act.protocol);
  shown = kept ?? act.feature;
  if (act.standing) shown = { ...shown, properties: { ...shown.properties, state: act.standing.state } };
  sheet.dataset.protocol = act.protocol;
  drawSheet();
  if (!sheet.open) sheet.showModal();
  const may = allowed(shown).map(({ action }) => action);
  const action = may.includes(act.action) || act.action === 'move' ? act.action : 'note';
  if (ONE_TAP.has(action)) return ask('note', act);
  return ask(action, act);
}

function picture({ id, kind }, i) {
  const item = document.createElement('li');
  const image = Object.assign(new Image(), { src: `/foto/${id}/thumb.jpg`, alt: say(kind === 'after' ? 'photo_after' : 'photo_before', { n: i + 1 }), loading: 'lazy' });
  item.append(image);
  return item;
}

function drawHere() {
  const here = pointOf(shown);
  const near = day.features
    .filter((f) => f.id !== shown.id && f.properties.service === shown.properties.service && isOpen(f))
    .map((f) => [metresBetween(here, pointOf(f)), f])
    .filter(([away]) => away <= HERE_M)
    .sort(([a], [b]) => a - b)
    .slice(0, 5);
  $('sheet-here').hidden = !near.length;
  $('sheet-here').querySelector('ul').replaceChildren(...near.map(([away, feature]) => {
    const item = document.createElement('li');
    const link = Object.assign(document.createElement('a'), { className: 'item', href: `#${feature.id}` });
    const text = Object.assign(document.createElement('span'), { className: 'grow' });
    text.append(
      Object.assign(document.createElement('b'), { textContent: feature.properties.address || feature.id }),
      Object.assign(document.createElement('small'), { textContent: `${metres(away)} · ${due(feature.properties)}` }),
    );
    link.append(text);
    item.append(link);
    return item;
  }));
}
