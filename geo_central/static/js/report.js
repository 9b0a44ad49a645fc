// Three taps: photo and place, subject, send. The form works without this; this makes it quick.
import { Problem, debounced, getFragment, postJSON, say, uuid } from 'house/api';
import { dropDraft, keepDraft, readDraft } from 'house/draft';
import { clearErrors, showErrors, unmark } from 'house/errors';
import { Photos } from 'house/photo';
import { Place } from 'house/place';

const $ = (id) => document.getElementById(id);
const form = /** @type {HTMLFormElement} */ ($('report'));
const at = form.dataset;
const fields = form.elements;
const sendButton = $('send');
const KEPT = ['description', 'address', 'lat', 'lng', 'name', 'phone', 'email'];

const place = new Place(form);
const photos = new Photos({
  list: $('shots'),
  status: $('photo-status'),
  url: `${at.api}uploads/`,
  limit: Number(at.photoLimit),
  changed: save,
});
let geolocated = true;
let sending = false;

// 1. The photo; the same tap asks where it is.
$('camera').addEventListener('click', () => { if (!place.point) place.locate({ quiet: true }); });
for (const id of ['camera', 'gallery']) {
  $(id).addEventListener('change', (event) => {
    for (const file of event.target.files) photos.add(file);
    event.target.value = '';
  });
}

// 2. The subject, proposed from the words.
const propose = debounced(async (signal, words) => {
  const servico = chosen()?.dataset.byHand ? chosen().value : '';
  const fragment = await getFragment(at.services, { q: words.slice(0, 200), servico }, signal);
  $('services').replaceChildren(fragment);
  if (servico && chosen()) chosen().dataset.byHand = '1';
  $('subject-hint').textContent = words.trim() ? say('by_words') : $('subject-hint').textContent;
  details();
});
$('description').addEventListener('input', (event) => {
  if (event.target.value.trim().length > 2) propose(event.target.value);
});
$('services').addEventListener('change', (event) => {
  event.target.dataset.byHand = '1';
  unmark($('service'));
  details();
});
$('other').addEventListener('click', () => {
  const open = $('other').getAttribute('aria-expanded') !== 'true';
  $('other').setAttribute('aria-expanded', String(open));
  $('other-panel').hidden = !open;
  if (open) $('other-words').focus();
});
$('other-words').addEventListener('input', (event) => propose(event.target.value));
$('other-words').addEventListener('keydown', (event) => {
  if (event.key === 'Enter') event.preventDefault();
});

// What the service asks, how long it takes, and who has already told us.
const details = debounced(async (signal) => {
  const service = chosen()?.value;
  save();
  if (!service) return $('details').replaceChildren();
  const kept = answers();
  try {
    $('details').replaceChildren(await getFragment(at.details, { servico: service, ...place.point }, signal));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    $('details').replaceChildren(); // the server asks again on sending
  }
  geolocated = document.querySelector('[data-service-facts]')?.dataset.geolocated !== '0';
  for (const [code, value] of Object.entries(kept)) fill(code, value);
}, 80);
place.addEventListener('change', () => details());

function chosen() {
  return form.querySelector('[name=service]:checked');
}

/** Answers as the API wants them: lists for lists, text for the rest; empty ones left out. */
function answers() {
  const given = {};
  for (const question of form.querySelectorAll('[data-question]')) {
    const { question: code, type } = question.dataset;
    const controls = [...question.querySelectorAll('[name]')];
    const values = controls.filter((c) => !/radio|checkbox/.test(c.type) || c.checked).map((c) => c.value.trim()).filter(Boolean);
    if (values.length) given[code] = type === 'multivaluelist' ? values : values[0];
  }
  return given;
}

function fill(code, value) {
  for (const control of form.querySelectorAll(`[name="answers.${code}"]`)) {
    if (/radio|checkbox/.test(control.type)) control.checked = [value].flat().includes(control.value);
    else control.value = value;
  }
}

// 3. Send. The same client id makes every retry the same request.
form.addEventListener('submit', async (event) => {
  if (event.submitter?.formAction && event.submitter.name === 'protocol') return dropDraft(); // "É este"
  event.preventDefault();
  if (sending) return;
  clearErrors();
  const missing = gaps();
  if (missing.length) return showErrors(missing);
  await send();
});

function gaps() {
  const list = [];
  if (geolocated && !place.point) list.push({ field: 'address', message: say('place_missing') });
  else if (geolocated && !place.confirmed) list.push({ field: 'doubt-ok', message: say('place_unconfirmed') });
  if (!chosen()) list.push({ field: 'service', message: say('service_missing') });
  return list;
}

async function send() {
  busy(photos.all.some((photo) => !photo.sent && !photo.failed) ? 'waiting_photos' : 'sending');
  try {
    await photos.settled();
    busy('sending');
    const receipt = await postJSON(`${at.api}issues`, body());
    dropDraft();
    location.assign(`${at.follow}${receipt.token}/?novo=1`);
  } catch (error) {
    rest();
    if (error instanceof Problem && error.status < 500 && error.field) refused(error);
    else if (error instanceof Problem) showErrors([{ field: '', message: error.message }]);
    else waitForNetwork();
  }
}

function body() {
  const contact = {};
  for (const name of ['name', 'phone', 'email']) if (fields[name].value.trim()) contact[name] = fields[name].value.trim();
  return {
    client_id: fields.client_id.value,
    service: chosen().value,
    ...(geolocated && place.point),
    description: fields.description.value,
    answers: answers(),
    photos: photos.ids,
    ...(Object.keys(contact).length && { contact }),
    channel: 'web',
  };
}

function refused({ field, message, code }) {
  if (code === 'issue.other_report') fields.client_id.value = uuid();
  const names = { lat: 'address', lng: 'address', photos: 'photo' };
  const name = names[field] ?? field.replace(/^contact\./, '').replace(/^answers\./, 'q-');
  showErrors([{ field: name, message }]);
}

function waitForNetwork() {
  save();
  $('send-status').textContent = say(navigator.onLine ? 'failed' : 'offline');
  if (!navigator.onLine) addEventListener('online', () => { if (!sending) form.requestSubmit(sendButton); }, { once: true });
}

function busy(code) {
  sending = true;
  sendButton.setAttribute('aria-disabled', 'true');
  sendButton.textContent = say(code);
  $('send-status').textContent = '';
}

function rest() {
  sending = false;
  sendButton.removeAttribute('aria-disabled');
  sendButton.textContent = say('send');
}

// The draft.
function save() {
  const kept = { client_id: fields.client_id.value, service: chosen()?.value ?? '', photos: photos.ids, answers: answers() };
  for (const name of KEPT) kept[name] = fields[name].value;
  if (kept.description || kept.lat || kept.photos.length) keepDraft(kept);
}
form.addEventListener('input', save);
form.addEventListener('input', (event) => { if (event.target.dataset.marked !== undefined) unmark(event.target); });

async function restore() {
  const kept = readDraft();
  if (!kept || new URLSearchParams(location.search).size) return;
  for (const name of ['client_id', ...KEPT]) fields[name].value = kept[name] ?? '';
  photos.restore(kept.photos ?? []);
  $('draft-notice').hidden = false;
  $('services').replaceChildren(await getFragment(at.services, { q: (kept.description ?? '').slice(0, 200), servico: kept.service }));
  if (place.point) place.put(place.point, { from: 'draft' });
  const wanted = kept.answers ?? {};
  $('details').replaceChildren();
  details();
  if (Object.keys(wanted).length) {
    const seen = new MutationObserver(() => {
      if (!form.querySelector('[data-question]')) return;
      seen.disconnect();
      for (const [code, value] of Object.entries(wanted)) fill(code, value);
    });
    seen.observe($('details'), { childList: true });
  }
}
$('draft-clear').addEventListener('click', () => {
  dropDraft();
  location.replace(location.pathname);
});

if (document.getElementById('problems').hidden) await restore();
else document.getElementById('problems').focus();
if (chosen()) details();
