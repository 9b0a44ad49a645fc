// One act on one request: what it needs is asked for, and kept on the phone before anything is sent.
import { say, uuid } from 'house/api';
import { day, kindOf, locate, metresBetween, pointOf, queue } from 'house/crew-area';
import { all } from 'house/crew-store';
import { metres } from 'house/crew-list';
import { shrink } from 'house/photo';

const $ = (id) => document.getElementById(id);
const form = $('act-form');
const part = (name) => form.querySelector(`[data-part="${name}"]`);
const PHOTOS_LIMIT = 5;
const WITH_PHOTOS = new Set(['resolve', 'complete', 'note', 'cannot_do']);
const WITH_NOTE = new Set(['resolve', 'complete', 'cannot_do', 'note', 'move', 'duplicate']);

/** What is being done: the feature, the act, its pictures {id, blob}, positions, whom to tell. */
let doing = null;

/**
 * @param {object} feature @param {string} action
 * @param {{before?: object, near?: object[], done: () => void, left: () => void}} options `before`: an act
 * of the queue that is changed; `near`: requests that this one may repeat
 */
export async function openForm(feature, action, { before = null, near = [], done, left }) {
  const words = action === 'move' ? form.dataset.move : kindOf(action).words;
  const photos = before ? (await all('photos')).filter(({ id }) => before.photos.includes(id)) : [];
  doing = { feature, action, before, done, left, photos, position: before?.fields.proof ?? null, place: null };
  const kind = kindOf(action) ?? { needs: [], reasons: [] };
  const proof = provable(action);
  const steps = action === 'complete' ? feature.work.steps : [];
  form.reset();
  refuse('');
  $('act-title').textContent = words;
  $('act-send').textContent = words;
  choices('outcomes', steps.flatMap((s) => s.outcomes.map(([code, name]) => [`${s.code} ${code}`, `${s.name}: ${name}`])));
  choices('reasons', proof ? [] : kind.reasons, before?.fields.reason);
  choices('without', proof && feature.work.needs_place ? kindOf('resolve').reasons : [], before?.fields.proof?.without);
  choices('original', near.map((other) => [other.id, `${other.properties.service_name} · ${metres(metresBetween(pointOf(feature), pointOf(other)))}`]));
  part('original').hidden = action !== 'duplicate';
  part('photos').hidden = !WITH_PHOTOS.has(action);
  part('position').hidden = !proof || !feature.work.needs_place;
  part('place').hidden = action !== 'move';
  part('parts').hidden = action !== 'parts';
  part('note').hidden = !WITH_NOTE.has(action);
  part('note').querySelector('label').textContent = action === 'note' ? form.dataset.text : form.dataset.note;
  $('act-note').value = before?.fields.note ?? '';
  $('act-parts').replaceChildren();
  $('act-why').open = Boolean(before?.fields.proof?.without);
  $('act-map').hidden = true;
  $('act-place').textContent = '';
  if (action === 'parts') addPart();
  drawPhotos();
  form.hidden = false;
  $('act-title').focus();
  $('act-title').scrollIntoView({ block: 'start' });
  if (!part('position').hidden) await findPosition();
}

/** The last step of a process is a closing too, and only the server knows which one that is. */
const provable = (action) => action === 'resolve' || action === 'complete';

export function closeForm() {
  form.hidden = true;
  doing = null;
}

function choices(name, list, chosen = '') {
  const box = part(name);
  box.hidden = !list.length;
  box.querySelector('div.chips').replaceChildren(...list.map(([code, text]) => {
    const item = $('choice').content.cloneNode(true);
    const input = item.querySelector('input');
    Object.assign(input, { name, value: code, checked: code === chosen });
    item.querySelector('span').textContent = text;
    return item;
  }));
}

const picked = (name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? '';

function refuse(words) {
  $('act-error').hidden = !words;
  $('act-error').querySelector('span').textContent = words;
  if (words) $('act-error').scrollIntoView({ block: 'center' });
}

// ---- pictures

$('act-camera').addEventListener('change', async ({ target }) => {
  const [file] = target.files;
  target.value = '';
  const { photos } = doing;
  if (!file) return;
  if (photos.length >= PHOTOS_LIMIT) { refuse(say('photo_many', { n: PHOTOS_LIMIT })); return; }
  photos.push({ id: uuid(), blob: await shrink(file) });
  drawPhotos();
});

function drawPhotos() {
  for (const image of $('act-photos').querySelectorAll('img')) URL.revokeObjectURL(image.src);
  $('act-photos').replaceChildren(...(doing?.photos ?? []).map((photo, i) => {
    const item = document.createElement('li');
    const image = Object.assign(new Image(), { src: URL.createObjectURL(photo.blob), alt: say('photo_alt', { n: i + 1 }) });
    const remove = Object.assign(document.createElement('button'), { type: 'button', className: 'btn quiet', textContent: '×' });
    remove.setAttribute('aria-label', say('photo_remove', { n: i + 1 }));
    remove.addEventListener('click', () => { doing.photos.splice(i, 1); drawPhotos(); });
    item.append(image, remove);
    return item;
  }));
}

// ---- where the crew stands

$('act-locate').addEventListener('click', findPosition);

async function findPosition() {
  const asked = doing;
  const status = $('act-position').querySelector('span');
  status.textContent = say('position_wait');
  try {
    const found = await locate();
    if (doing !== asked) return;
    doing.position = found;
    const away = distanceLeft();
    if (away) $('act-why').open = true;
    status.textContent = away ? say('position_far', { metres: away }) : say('position_done', { metres: found.accuracy_m });
  } catch {
    if (doing !== asked) return;
    if (!doing.position) $('act-why').open = true;
    status.textContent = say(doing.position ? 'position_done' : 'position_none', { metres: doing.position?.accuracy_m });
  }
}

/** Metres from the request, where they are more than the service allows; 0 where it is near enough. */
function distanceLeft() {
  const { position, feature } = doing;
  if (position?.lat == null) return 0;
  const metresAway = metresBetween(position, pointOf(feature));
  const doubt = Math.min(position.accuracy_m ?? 0, 200);
  return metresAway - doubt > feature.work.proof_distance_m ? Math.round(metresAway) : 0;
}

// ---- the right place, and what was used

$('act-here').addEventListener('click', async () => {
  $('act-place').textContent = say('position_wait');
  try {
    const { lat, lng } = await locate(0);
    doing.place = { lat, lng };
    $('act-place').textContent = say('moved_to');
  } catch (error) {
    $('act-place').textContent = error.message;
  }
});

$('act-on-map').addEventListener('click', async () => {
  $('act-map').hidden = false;
  const moved = (place) => { doing.place = place; $('act-place').textContent = say('moved_to'); };
  try {
    const { openPin } = await import('house/pin');
    await openPin($('act-map'), pointOf(doing.feature), { moved, confirmed: () => $('act-send').focus() });
  } catch {
    $('act-place').textContent = say('failed');
  }
});

$('act-part').addEventListener('click', addPart);

function addPart() {
  $('act-parts').append($('part-row').content.cloneNode(true));
  $('act-parts').lastElementChild.querySelectorAll('input')[1].focus();
}

const parts = () => [...$('act-parts').children]
  .map((row) => [...row.querySelectorAll('input')].map((input) => input.value.trim()))
  .filter(([, what]) => what)
  .map(([count, what]) => `${count || 1} × ${what}`)
  .join('\n');

// ---- keeping it

/** The fields of the act as the server reads them, or words about what is missing. */
function filled() {
  const { action, position, place, photos, feature } = doing;
  const note = action === 'parts' ? parts() : $('act-note').value.trim();
  const fields = note ? { note } : {};
  const needs = kindOf(action)?.needs ?? [];
  if (needs.includes('note') && !note) return action === 'parts' ? 'parts_needed' : 'note_needed';
  if (!part('reasons').hidden && picked('reasons')) fields.reason = picked('reasons');
  if (needs.includes('reason') && !fields.reason) return 'reason_needed';
  if (action === 'complete') {
    [fields.step, fields.outcome] = picked('outcomes').split(' ');
    if (!fields.outcome) return 'step_needed';
  }
  if (action === 'duplicate') {
    fields.original = $('act-original').value.trim() || picked('original');
    if (!fields.original) return 'original_needed';
  }
  if (action === 'move') {
    if (!place) return 'place_needed';
    Object.assign(fields, place);
  }
  if (provable(action)) {
    const without = picked('without');
    if (feature.work.needs_place && !without && needs.includes('proof')) {
      if (!photos.length) return 'photo_needed';
      if (position?.lat == null || distanceLeft()) return 'position_needed';
    }
    fields.proof = {};
    if (without) fields.proof.without = without;
    if (position?.lat != null) {
      const { lat, lng, accuracy_m } = position;
      Object.assign(fields.proof, { lat, lng, accuracy_m });
    }
  }
  return fields;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if ($('act-send').getAttribute('aria-disabled')) return; // a second tap is not a second act
  const fields = filled();
  if (typeof fields === 'string') {
    if (['photo_needed', 'position_needed'].includes(fields)) $('act-why').open = true;
    refuse(fields === 'position_needed' ? $('act-position').textContent.trim() : say(fields));
    return;
  }
  const { feature, action, photos, before, done } = doing;
  $('act-send').setAttribute('aria-disabled', 'true');
  try {
    await queue(feature, action, { fields, photos, before });
  } catch (error) {
    refuse(say(error.name === 'QuotaExceededError' ? 'no_space' : 'no_store'));
    return;
  } finally {
    $('act-send').removeAttribute('aria-disabled');
  }
  closeForm();
  done();
});

$('act-cancel').addEventListener('click', () => {
  const { left } = doing;
  closeForm();
  left();
});

export const isOpenForm = () => doing !== null && day.me !== null;
