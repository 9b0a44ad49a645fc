// What has not left yet: always counted, never dropped by the program, decided by a person where need be.
import { say } from 'house/api';
import { day, kindOf, queue, recallActs } from 'house/crew-area';
import { clockTime } from 'house/crew-list';
import { change, wordsOf } from 'house/crew-sheet';
import { amendAct, dropAct, write } from 'house/crew-store';

const $ = (id) => document.getElementById(id);
const box = $('queue');
const STUCK = new Set(['conflict', 'refused']);

let sendNow = () => {};

/** `send` tries at once to send everything. */
export function prepareQueue(send) {
  sendNow = send;
  $('crew-bar').addEventListener('click', () => {
    drawQueue();
    box.showModal();
    $('queue-title').focus();
  });
  $('send-now').addEventListener('click', () => sendNow());
}

const foreign = (act) => Boolean(day.me && act.owner !== day.me.user.id);

/** The bar, the counts and the list. */
export function drawQueue() {
  const { acts, network } = day;
  const needed = acts.filter((act) => STUCK.has(act.status) && !foreign(act)).length;
  const unsent = acts.length === 1 ? say('one_unsent') : say('unsent', { n: acts.length });
  const bar = $('crew-bar');
  bar.dataset.state = needed ? 'needed' : acts.length ? 'unsent' : network === 'online' ? '' : 'offline';
  const said = [];
  if (network !== 'online') said.push(network === 'out' ? say('signed_out') : say('is_offline'));
  if (acts.length) said.push(unsent);
  else if (network === 'online') said.push(say('online'));
  if (needed) said.push(needed === 1 ? say('needs_you') : say('need_you', { n: needed }));
  const text = said.join(' · ');
  const line = bar.querySelector('span');
  if (line.textContent !== text) line.textContent = text;
  for (const count of document.querySelectorAll('[data-count]')) {
    count.hidden = !acts.length;
    count.textContent = unsent;
  }
  const others = acts.filter(foreign).length;
  $('queue-status').textContent = [
    others ? say('of_another', { n: others }) : '',
    acts.length && day.retryAt > Date.now() ? say('retry_at', { time: clockTime(day.retryAt) }) : '',
  ].filter(Boolean).join(' ');
  $('queue-empty').hidden = acts.length > 0;
  $('send-now').hidden = !acts.some((act) => act.status === 'waiting');
  const behind = new Set();
  $('queue-list').hidden = !acts.length;
  $('queue-list').replaceChildren(...acts.map((act) => row(act, behind)));
}

function row(act, behind) {
  const item = $('queued').content.cloneNode(true);
  const put = (part, text) => { item.querySelector(`.queued-${part}`).textContent = text; };
  const held = behind.has(act.protocol);
  if (STUCK.has(act.status)) behind.add(act.protocol);
  put('action', wordsOf(act.action));
  put('time', clockTime(act.at));
  put('of', `${act.feature.properties.service_name} · ${act.protocol}`);
  const photos = act.photos.length === 1 ? say('photos_one') : act.photos.length ? say('photos_many', { n: act.photos.length }) : '';
  put('more', [photos, act.fields.note].filter(Boolean).join(' · '));
  put('status', status(act, held));
  item.querySelector('.queued-status').classList.toggle('error', STUCK.has(act.status));
  const can = foreign(act) ? new Set(['drop']) : possible(act);
  for (const button of item.querySelectorAll('[data-do]')) {
    button.hidden = !can.has(button.dataset.do);
    button.addEventListener('click', () => decide(button.dataset.do, act));
  }
  return item;
}

function status(act, held) {
  if (foreign(act)) return say('status_other');
  if (act.status === 'refused') return say('status_refused', { why: act.problem.title ?? act.problem.code ?? '' });
  if (act.status !== 'conflict') return held ? say('status_held') : say('status_waiting');
  const { standing, problem } = act;
  if (!standing) return say('status_refused', { why: problem.title ?? '' });
  const facts = { state: standing.state_words, by: standing.by, time: standing.at ? clockTime(standing.at) : '' };
  return standing.by ? say('status_conflict_by', facts) : say('status_conflict', facts);
}

/** What a person may decide about an act. */
function possible(act) {
  if (act.status === 'waiting') return new Set(['change', 'drop']);
  if (act.status === 'refused') return new Set(['again', 'change', 'drop']);
  const fits = kindOf(act.action)?.sources.includes(act.standing?.state);
  return new Set([fits ? 'keep' : 'note', 'change', 'drop']);
}

async function decide(what, act) {
  if (what === 'drop') {
    if (!confirm(say('drop_sure'))) return;
    await dropAct(act);
  } else if (what === 'change') {
    box.close();
    await change(act);
    return;
  } else if (what === 'note') {
    const facts = { state: act.standing?.state_words ?? '', action: wordsOf(act.action), note: act.fields.note ?? '' };
    await queue(act.feature, 'note', { fields: { note: say('as_note', facts).trim() }, photos: await pictures(act), before: act });
  } else {
    const seen = what === 'keep' ? act.standing.state : act.seen;
    await amendAct(act, { seen, status: 'waiting', problem: null, standing: null });
  }
  await recallActs();
  drawQueue();
  if (what !== 'drop') await sendNow();
}

async function pictures(act) {
  return write(['photos'], async ({ photos }, wait) => {
    const found = [];
    for (const id of act.photos) {
      const photo = await wait(photos.get(id));
      if (photo) found.push(photo);
    }
    return found;
  });
}
