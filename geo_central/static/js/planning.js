// The planners' board: the form redraws the map, the panels and the address without a new page.
import { debounced, getFragment } from 'house/api';
import { clearErrors, complain, filters, hashOf, named } from 'house/filters';
import { createMap, refuse } from 'house/map';
import { boardLayers } from 'house/planning-map';
import { swipe } from 'house/planning-swipe';
import { timeline } from 'house/timeline';

const $ = (id) => document.getElementById(id);
const form = $('filtros');
const box = $('map');
let data = JSON.parse($('board-data').textContent);
let tileQuery = $('panels').firstElementChild.dataset.tileQuery;
let map = null;
let layers = null;
let two = null;
let chosen = '';
const time = timeline({
  slider: $('slider'), play: $('play'), output: $('step'), onStep: draw, words: (step) => `${step.name}: ${number(step.n)}`,
});

const shown = () => form.elements.show.value;
const number = (n) => (n === null || n === undefined ? $('said').dataset.none : n.toLocaleString(data.locale));

/** The address of heat tiles of some days. */
function tiles(from, to) {
  const rest = tileQuery ? `&${tileQuery}` : '';
  return `${location.origin}${box.dataset.tiles}?from=${from}&to=${to}${rest}`;
}

function draw() {
  const now = time.now();
  table(now);
  for (const bar of document.querySelectorAll('.step-chart rect')) bar.classList.toggle('now', Boolean(now) && bar.dataset.step === String(time.at - 1));
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
  const now = time.now();
  const said = shown() === 'difference' ? data.change[n].said : `${data.unit}: ${number((now ?? data).values[n])}`;
  $('said').textContent = `${data.names[n]}. ${said}.`;
}

function remember() {
  history.replaceState(null, '', location.search + hashOf(map));
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

const apply = debounced(async (signal) => {
  const panels = $('panels');
  panels.setAttribute('aria-busy', 'true');
  try {
    const asked = Object.fromEntries(new FormData(form));
    if (!asked.from && !asked.to) asked.period = 'all';
    show(panels, await getFragment(panels.dataset.url, asked, signal));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    complain($('board-status'), error);
  }
  panels.removeAttribute('aria-busy');
}, 250);

function show(panels, piece) {
  clearErrors(form);
  panels.replaceChildren(piece);
  const { query, said } = panels.firstElementChild.dataset;
  tileQuery = panels.firstElementChild.dataset.tileQuery;
  data = JSON.parse($('board-data').textContent);
  $('legends').replaceChildren($('new-legends').content.cloneNode(true));
  $('board-status').textContent = said;
  history.replaceState(null, '', `?${query}${location.hash}`);
  chosen = '';
  sides();
  time.set(data.steps);
  layers?.from(data.layer);
  layers?.mark('');
  $('said').textContent = '';
  draw();
  asking.mark();
}

/** A file is of what is seen: the form's query, the slider's step and the map's window. */
$('files').addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link) return;
  const asked = new URLSearchParams($('panels').firstElementChild.dataset.query);
  asked.set('show', shown());
  if (time.at) asked.set('at', String(time.at));
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

const asking = filters(form, apply);
// Some fields of the form stand beside the map.
document.addEventListener('change', (event) => {
  const { name, form: owner } = event.target;
  if (owner !== form) return;
  if (name === 'show') draw();
  apply();
});

sides();
time.set(data.steps);
await open();
