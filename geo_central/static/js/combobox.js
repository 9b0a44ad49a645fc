// An accessible combobox over a text field (ARIA 1.2, list autocomplete with manual selection).
import { debounced, say } from 'house/api';

let made = 0;

/**
 * @template T
 * @param {HTMLInputElement} input
 * @param {{label: string, search: (words: string, signal: AbortSignal) => Promise<T[]>,
 *          text: (item: T) => string, note?: (item: T) => string, pick: (item: T) => void,
 *          least?: number}} options
 */
export function combobox(input, { label, search, text, note, pick, least = 3 }) {
  const id = `options-${++made}`;
  const list = Object.assign(document.createElement('ul'), { id, className: 'options', hidden: true });
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', label);
  const status = Object.assign(document.createElement('p'), { className: 'sr' });
  status.setAttribute('role', 'status');
  const box = document.createElement('div');
  box.className = 'combo-box';
  input.replaceWith(box);
  box.append(input, list, status);
  for (const [name, value] of Object.entries({
    role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': id,
  })) input.setAttribute(name, value);

  /** @type {T[]} */
  let items = [];
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const point = (index) => {
    list.children[active]?.setAttribute('aria-selected', 'false');
    active = (index + items.length) % items.length;
    const option = list.children[active];
    option.setAttribute('aria-selected', 'true');
    option.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', option.id);
  };

  const choose = (index) => {
    const item = items[index];
    input.value = text(item);
    close();
    pick(item);
  };

  const draw = () => {
    list.replaceChildren(...items.map((item, index) => {
      const option = document.createElement('li');
      option.id = `${id}-${index}`;
      option.setAttribute('role', 'option');
      option.setAttribute('aria-selected', 'false');
      const name = document.createElement('span');
      name.textContent = text(item);
      option.append(name);
      if (note?.(item)) option.append(Object.assign(document.createElement('small'), { textContent: note(item) }));
      option.addEventListener('pointerdown', (event) => event.preventDefault());
      option.addEventListener('click', () => choose(index));
      return option;
    }));
    active = -1;
    list.hidden = !items.length;
    input.setAttribute('aria-expanded', String(items.length > 0));
    status.textContent = items.length ? say('found', { n: items.length }) : say('found_none');
  };

  const ask = debounced(async (signal) => {
    const words = input.value.trim();
    if (words.length < least) return close();
    items = await search(words, signal);
    if (document.activeElement === input) draw();
  });

  input.addEventListener('input', ask);
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    const open = !list.hidden;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (open) point(active + (event.key === 'ArrowDown' ? 1 : active < 0 ? 0 : -1));
      else if (items.length) draw();
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      close();
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      choose(Math.max(active, 0));
    }
  });
}
