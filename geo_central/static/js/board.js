// The leader's board: a card is dragged to whoever is to do it, or its list is used, by hand or by keyboard.
// Without this module the list and a button do the same.
import { keep, refresh } from 'house/live';

const form = document.getElementById('board');
const problem = document.getElementById('board-problem');
let dragged = null;

/** Gives the card's request to `target`; the page is then drawn by the server. */
async function give(protocol, target) {
  const body = new FormData();
  for (const name of ['csrfmiddlewaretoken', 'equipe', 'dia']) body.set(name, form.elements[name].value);
  body.set('dar', protocol);
  body.set(`para-${protocol}`, target);
  const card = document.getElementById(`card-${protocol}`);
  card.classList.add('moving');
  try {
    const response = await fetch(form.action || location.href, { method: 'POST', body, signal: AbortSignal.timeout(15_000) });
    if (response.ok) problem.hidden = true;
    else {
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      say(page.querySelector('[role=alert] p')?.textContent ?? form.dataset.failed);
    }
  } catch {
    say(form.dataset.failed);
  }
  card.classList.remove('moving');
  const select = document.getElementById(`para-${protocol}`);
  if (select) for (const option of select.options) option.selected = option.defaultSelected;
  await refresh().catch(() => {});
  document.getElementById(`para-${protocol}`)?.focus({ preventScroll: true });
}

function say(words) {
  problem.querySelector('p').textContent = words;
  problem.hidden = false;
}

form?.addEventListener('change', ({ target }) => {
  if (target.name?.startsWith('para-')) give(target.name.slice(5), target.value);
});

form?.addEventListener('dragstart', (event) => {
  const card = event.target.closest?.('[data-protocol]');
  if (!card) return;
  dragged = card.dataset.protocol;
  event.dataTransfer.setData('text/plain', dragged);
  event.dataTransfer.effectAllowed = 'move';
  card.classList.add('moving');
  form.querySelector('[data-live]').dataset.kept = '';
});

form?.addEventListener('dragover', (event) => {
  const column = event.target.closest('[data-target]');
  if (!dragged || !column) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = 'move';
  for (const other of form.querySelectorAll('.over')) if (other !== column) other.classList.remove('over');
  column.classList.add('over');
});

function letGo() {
  for (const one of form.querySelectorAll('.over, .moving')) one.classList.remove('over', 'moving');
  delete form.querySelector('[data-live]').dataset.kept;
  dragged = null;
}

form?.addEventListener('dragend', letGo);
form?.addEventListener('drop', (event) => {
  const column = event.target.closest('[data-target]');
  const protocol = dragged;
  if (!protocol || !column) return;
  event.preventDefault();
  letGo();
  if (!column.contains(document.getElementById(`card-${protocol}`))) give(protocol, column.dataset.target);
});

/** Cards are dragged by the pointer; the server draws them anew, so each is marked when it is first touched. */
form?.addEventListener('pointerover', ({ target }) => {
  const card = target.closest('[data-protocol]');
  if (card) card.draggable = !target.closest('a, select, option');
});

if (form) keep(form);
