// Errors: beside the field, and summed up on top, where the focus goes.

const box = document.getElementById('problems');

/** @param {{field: string, message: string}[]} list */
export function showErrors(list) {
  clearErrors();
  const items = box.querySelector('ul');
  for (const { field, message } of list) {
    const target = document.getElementById(field);
    const line = document.createElement('li');
    if (target) {
      const link = document.createElement('a');
      link.href = `#${field}`;
      link.textContent = message;
      link.addEventListener('click', (event) => {
        event.preventDefault();
        openAround(target);
        target.focus();
      });
      line.append(link);
      mark(target, message);
    } else line.textContent = message;
    items.append(line);
  }
  box.hidden = false;
  box.focus();
  box.scrollIntoView({ block: 'start' });
}

export function clearErrors() {
  box.querySelector('ul').replaceChildren();
  box.hidden = true;
  for (const field of document.querySelectorAll('[data-marked]')) unmark(field);
}

/** Take back the error of one field, once it has been mended. */
export function unmark(field) {
  document.getElementById(`${field.id}-error-live`)?.remove();
  field.removeAttribute('aria-invalid');
  if (field.dataset.marked) field.setAttribute('aria-describedby', field.dataset.marked);
  else field.removeAttribute('aria-describedby');
  delete field.dataset.marked;
}

function mark(field, message) {
  const line = document.createElement('p');
  line.className = 'error';
  line.id = `${field.id}-error-live`;
  line.textContent = message;
  field.dataset.marked = field.getAttribute('aria-describedby') ?? '';
  field.setAttribute('aria-describedby', `${field.dataset.marked} ${line.id}`.trim());
  if (/^(INPUT|TEXTAREA)$/.test(field.tagName)) {
    field.setAttribute('aria-invalid', 'true');
    field.before(line);
  } else (field.querySelector('legend') ?? field.firstElementChild ?? field).after(line);
}

function openAround(element) {
  const closed = element.closest('details:not([open])');
  if (closed) closed.open = true;
}
