// The list: ordered and filtered on the phone, so that it works without a network.
import { say } from 'house/api';
import { day, isOpen, metresBetween, pendingOf, pointOf } from 'house/crew-area';

const $ = (id) => document.getElementById(id);
const lang = document.documentElement.lang;
const PAGE = 25;
let shown = PAGE;

/** Requests still to be done that pass the filters, in the order chosen. */
export function chosen() {
  const [service, late, urgent] = [$('service').value, $('late-only').checked, $('urgent-only').checked];
  const list = day.features.filter(({ properties: issue, ...feature }) =>
    isOpen({ ...feature, properties: issue })
    && (!service || issue.service === service) && (!late || isLate(issue)) && (!urgent || isUrgent(issue)));
  const order = document.querySelector('[name=ordem]:checked')?.value ?? 'distance';
  const keys = {
    distance: (f) => [distance(f)],
    due: (f) => [Date.parse(f.properties.due_at), distance(f)],
    priority: (f) => [f.properties.priority, Date.parse(f.properties.due_at), distance(f)],
  };
  const sorted = list.map((feature) => [keys[order](feature), feature]);
  sorted.sort(([a], [b]) => a.map((value, i) => value - b[i]).find((difference) => difference) ?? 0);
  return sorted.map(([, feature]) => feature);
}

export const distance = (feature) => (day.area ? metresBetween(day.area.centre, pointOf(feature)) : feature.properties.distance_m);
export const isUrgent = (issue) => issue.priority <= 2;
export const isLate = (issue) => issue.state !== 'waiting' && Date.parse(issue.due_at) < Date.now();

/** Draws the list anew; `open` is called with the protocol of the one tapped. */
export function drawList() {
  const list = chosen();
  drawServices();
  const jobs = Object.assign(document.createElement('ul'), { className: 'list jobs' });
  jobs.append(...list.slice(0, shown).map(job));
  $('near-list').replaceChildren(...(list.length ? [jobs] : [empty()]));
  $('more').hidden = list.length <= shown;
  $('filters').hidden = !day.features.length;
  return list;
}

export function drawMore() {
  const first = shown;
  shown += PAGE;
  drawList();
  $('near-list').querySelectorAll('.job')[first]?.focus();
}

export function drawFirst() {
  shown = PAGE;
  return drawList();
}

function empty() {
  const box = Object.assign(document.createElement('div'), { className: 'card empty' });
  const words = !day.area ? say('say_where') : day.features.length ? say('none_left') : say('near_none');
  box.append(Object.assign(document.createElement('p'), { textContent: words }));
  return box;
}

function drawServices() {
  const names = new Map(day.features.map(({ properties }) => [properties.service, properties.service_name]));
  const { value } = $('service');
  const options = [['', say('all_services')], ...[...names].sort(([, a], [, b]) => a.localeCompare(b, lang))];
  $('service').replaceChildren(...options.map(([code, name]) => new Option(name, code, false, code === value)));
}

function job(feature) {
  const { id, properties: issue } = feature;
  const item = $('job').content.cloneNode(true);
  const put = (part, text) => { item.querySelector(part).textContent = text; };
  const row = item.querySelector('li');
  row.id = `job-${id}`;
  row.tabIndex = -1;
  put('.job-name', issue.service_name);
  put('.job-distance', metres(distance(feature)));
  put('.job-address', issue.address || item.querySelector('.job-address').dataset.empty);
  put('.job-text', issue.description);
  item.querySelector('.job-text').hidden = !issue.description;
  put('.job-protocol', issue.protocol);
  put('.job-due span', due(issue));
  item.querySelector('.job-due').classList.toggle('late', isLate(issue));
  put('.job-urgent span', say('urgent'));
  item.querySelector('.job-urgent').hidden = !isUrgent(issue);
  const pending = pendingOf(id).length;
  put('.job-pending span', say('not_sent'));
  item.querySelector('.job-pending').hidden = !pending;
  put('.job-age', age(issue));
  put('.job-people span', people(issue));
  item.querySelector('.job-go').href = directions(feature);
  const open = item.querySelector('.job-open');
  open.href = `#${id}`;
  open.querySelector('.sr').textContent = ` ${id}`;
  return item;
}

/** Opens the phone's own maps. */
export function directions(feature) {
  const { lat, lng } = pointOf(feature);
  return `geo:${lat},${lng}?q=${lat},${lng}`;
}

export function metres(value) {
  if (value < 1000) return say('metres', { n: value >= 100 ? Math.round(value / 10) * 10 : Math.round(value) });
  return say('kilometres', { n: (value / 1000).toLocaleString(lang, { maximumFractionDigits: 1 }) });
}

const midnight = (date) => new Date(date).setHours(0, 0, 0, 0);
const daysTo = (date) => Math.round((midnight(date) - midnight(new Date())) / 86_400_000);

export function due(issue) {
  const date = new Date(issue.due_at);
  const days = daysTo(date);
  const left = isLate(issue) ? say('due_late') : days < 1 ? say('due_today') : days === 1 ? say('due_tomorrow') : say('due_in', { n: days });
  return `${date.toLocaleDateString(lang, { day: '2-digit', month: '2-digit' })} · ${left}`;
}

export function age(issue) {
  const days = -daysTo(new Date(issue.opened_at));
  return days < 1 ? say('age_today') : days === 1 ? say('age_one') : say('age', { n: days });
}

export function people({ followers }) {
  return followers ? say('people', { n: followers + 1 }) : say('one_person');
}

export const clockTime = (moment) => new Date(moment).toLocaleTimeString(lang, { hour: '2-digit', minute: '2-digit' });
