// The planners' board: the form redraws the map, the panels and the address without a new page.
import { debounced, getFragment } from 'house/api';
import { createMap, refuse } from 'house/map';
import { boardLayers } from 'house/planning-map';
import { swipe } from 'house/planning-swipe';

const $ = (id) => document.getElementById(id);
const form = $('filtros');
const box = $('map');
const slider = $('slider');
const still = matchMedia('(prefers-reduced-motion: reduce)');
const PACE = 900;
const VIEW = /^#(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;
let data = JSON.parse($('board-data').textContent);
let tileQuery = $('panels').firstElementChild.dataset.tileQuery;
let map = null;
let layers = null;
let two = null;
let chosen = '';
let timer = 0;

const shown = () => form.elements.show.value;
const number = (n) => (n === null || n === undefined ? $('said').dataset.none : n.toLocaleString(data.locale));

/** The step that the slider is at; null for the whole period. */
const step = () => (slider.value === '0' ? null : data.steps[slider.value - 1]);

/** The address of heat tiles of some days. */
function tiles(from, to) {
  const rest = tileQuery ? `&${tileQuery}` : '';
  return `${location.origin}${box.dataset.tiles}?from=${from}&to=${to}${rest}`;
}

function draw() {
  const now = step();
  $('step').textContent = now ? `${now.name}: ${number(now.n)}` : slider.dataset.whole;
  table(now);
  for (const bar of document.querySelectorAll('.step-chart rect')) bar.classList.toggle('now', Boolean(now) && bar.dataset.step === String(slider.value - 1));
  const what = shown();
  legends(what, now);
  if (!layers) return;
  if (what === 'areas') {
    layers.paint(data.codes, [...(now ? now.classes : data.whole)], now ? 'steps' : 'whole');
  } else if (what === 'difference') {
    const faint = data.codes.filter((_, n) => !data.change[n].clear);
    layers.paint(data.codes, data.change.map((one) => one.by), 'difference', faint);
  } else {
    const [from, to] = what === 'heat' && now ? [now.from, now.to] : data.period;
    layers.heat(tiles(from, to));
  }
  layers.show(what === 'heat' || what === 'swipe' ? 'heat' : 'areas');
  two.show(what === 'swipe' ? tiles(...data.other) : '').then(balance);
}

/** Only what belongs to what the map shows. */
function legends(what, now) {
  const name = { areas: now ? 'steps' : 'whole', difference: 'difference', heat: 'heat', swipe: 'heat' }[what];
  for (const legend of document.querySelectorAll('#legends [data-legend]')) legend.hidden = legend.dataset.legend !== name;
  $('time').hidden = what === 'swipe' || what === 'difference';
  $('swipe').hidden = what !== 'swipe';
}

/** The column of the step, which says in the table what the map shows. */
function table(now) {
  for (const cell of document.querySelectorAll('.step-column')) cell.hidden = !now;
  if (!now) return;
  const at = new Map(data.codes.map((code, n) => [code, now.values[n]]));
  for (const row of document.querySelectorAll('.board-areas [data-code]')) {
    row.querySelector('.step-column').textContent = number(at.get(row.dataset.code));
  }
}

/** The same number is the hottest on both maps, so that two periods can be compared. */
function balance() {
  if (!layers) return;
  const top = Math.max(layers.busiest(), two.layers?.busiest() ?? 0);
  layers.weigh(top);
  two.layers?.weigh(top);
}

function choose(code) {
  chosen = chosen === code ? '' : code;
  layers?.mark(chosen);
  for (const row of document.querySelectorAll('.board-areas [data-code]')) row.classList.toggle('chosen', row.dataset.code === chosen);
  const n = data.codes.indexOf(chosen);
  if (n < 0) {
    $('said').textContent = '';
    return;
  }
  const now = step();
  const said = shown() === 'difference' ? data.change[n].said : `${data.unit}: ${number((now ?? data).values[n])}`;
  $('said').textContent = `${data.names[n]}. ${said}.`;
}

function steps() {
  slider.max = String(data.steps.length);
  slider.value = '0';
  slider.setAttribute('aria-valuetext', slider.dataset.whole);
}

function play(on) {
  clearInterval(timer);
  const button = $('play');
  button.setAttribute('aria-pressed', String(on));
  button.querySelector('span').textContent = on ? button.dataset.stop : button.dataset.start;
  if (!on) return;
  timer = setInterval(() => {
    const next = Number(slider.value) + 1;
    if (next > data.steps.length) play(false);
    else slide(next);
  }, still.matches ? 2 * PACE : PACE);
}

function slide(to) {
  slider.value = String(to);
  slider.setAttribute('aria-valuetext', step()?.name ?? slider.dataset.whole);
  draw();
}

/** The place and zoom that the address names, #zoom/lat/lng; else the whole city. */
function named() {
  const view = VIEW.exec(location.hash);
  if (view) return { zoom: Number(view[1]), center: [Number(view[3]), Number(view[2])] };
  return { bounds: JSON.parse($('basemap').textContent).bounds };
}

function remember() {
  const { lng, lat } = map.getCenter();
  history.replaceState(null, '', `${location.search}#${map.getZoom().toFixed(1)}/${lat.toFixed(4)}/${lng.toFixed(4)}`);
}

async function open() {
  try {
    map = await createMap(box, { ...named(), label: box.dataset.label });
  } catch (error) {
    refuse(box, error);
    return;
  }
  layers = boardLayers(map, choose);
  two = swipe(map, { over: $('map-before'), edge: $('edge'), slider: $('divide'), label: box.dataset.label });
  const areas = layers.from(data.layer);
  draw();
  await areas;
  map.on('idle', balance);
  map.once('idle', () => { box.dataset.ready = ''; });
  map.on('moveend', remember);
}

function clearErrors() {
  for (const error of form.querySelectorAll('.error')) error.hidden = true;
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

function complain(problem) {
  $('board-status').textContent = problem.message;
  const error = $(`${problem.field}-error`);
  if (!error) return;
  error.querySelector('span').textContent = problem.message;
  error.hidden = false;
  $(problem.field)?.setAttribute('aria-invalid', 'true');
}

const apply = debounced(async (signal) => {
  const panels = $('panels');
  panels.setAttribute('aria-busy', 'true');
  try {
    const asked = Object.fromEntries(new FormData(form));
    if (!asked.from && !asked.to) asked.period = 'all';
    show(panels, await getFragment(panels.dataset.url, asked, signal));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    complain(error);
  }
  panels.removeAttribute('aria-busy');
}, 250);

function show(panels, piece) {
  play(false);
  clearErrors();
  panels.replaceChildren(piece);
  const { query, said } = panels.firstElementChild.dataset;
  tileQuery = panels.firstElementChild.dataset.tileQuery;
  data = JSON.parse($('board-data').textContent);
  $('legends').replaceChildren($('new-legends').content.cloneNode(true));
  $('board-status').textContent = said;
  history.replaceState(null, '', `?${query}${location.hash}`);
  chosen = '';
  sides();
  steps();
  layers?.from(data.layer);
  layers?.mark('');
  $('said').textContent = '';
  draw();
  for (const range of form.querySelectorAll('.ranges a')) {
    const current = range.dataset.from === form.elements.from.value && range.dataset.to === form.elements.to.value;
    if (current) range.setAttribute('aria-current', 'true');
    else range.removeAttribute('aria-current');
  }
}

/** A file is of what is seen: the form's query, the slider's step and the map's window. */
$('files').addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link) return;
  const asked = new URLSearchParams($('panels').firstElementChild.dataset.query);
  asked.set('show', shown());
  if (slider.value !== '0') asked.set('at', slider.value);
  if (map) {
    const bounds = map.getBounds();
    asked.set('bbox', [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()].map((n) => n.toFixed(5)).join(','));
  }
  link.search = `?${asked}`;
});

/** What is kept is what is seen: the form's query and the map's place. */
$('keep').addEventListener('submit', () => {
  $('keep').elements.query.value = $('panels').firstElementChild.dataset.query;
  $('keep').elements.place.value = location.hash.slice(1);
});

function sides() {
  const day = (text) => new Date(`${text}T12:00`).toLocaleDateString(data.locale);
  $('left-name').textContent = data.other.map(day).join(' – ');
  $('right-name').textContent = data.period.map(day).join(' – ');
}

const services = [...$('service-names').children];
function offer() {
  const theme = form.elements.theme.value;
  $('service-names').replaceChildren(...services.filter((one) => !theme || one.dataset.theme === theme));
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  apply();
});
document.addEventListener('change', (event) => {
  const { name, form: owner } = event.target;
  if (owner !== form) return;
  if (name === 'theme') {
    form.elements.service.value = '';
    offer();
  }
  if (name === 'show') draw();
  apply();
});
form.addEventListener('click', (event) => {
  const range = event.target.closest('.ranges a');
  if (!range) return;
  event.preventDefault();
  form.elements.from.value = range.dataset.from;
  form.elements.to.value = range.dataset.to;
  apply();
});
slider.addEventListener('input', () => {
  play(false);
  slide(slider.value);
});
$('play').addEventListener('click', () => {
  const starts = $('play').getAttribute('aria-pressed') === 'false';
  if (starts && Number(slider.value) >= data.steps.length) slide(0);
  play(starts);
});

slider.dataset.whole = $('step').textContent;
$('play').dataset.start = $('play').textContent.trim();
offer();
sides();
steps();
await open();
