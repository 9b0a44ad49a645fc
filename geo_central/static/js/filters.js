// What pages with a map and a form of filters have in common: the address, the form, what is wrong with it.
const VIEW = /^#(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/;

/** The place and zoom that the address names, #zoom/lat/lng; else the whole city. */
export function named() {
  const view = VIEW.exec(location.hash);
  if (view) return { zoom: Number(view[1]), center: [Number(view[3]), Number(view[2])] };
  return { bounds: JSON.parse(document.getElementById('basemap').textContent).bounds };
}

/** Where a map looks, as an address has it. */
export function hashOf(map) {
  const { lng, lat } = map.getCenter();
  return `#${map.getZoom().toFixed(1)}/${lat.toFixed(4)}/${lng.toFixed(4)}`;
}

export function clearErrors(form) {
  for (const error of form.querySelectorAll('.error')) error.hidden = true;
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
}

/** Say what is wrong, beside the field where it is. */
export function complain(status, problem) {
  status.textContent = problem.message;
  const error = document.getElementById(`${problem.field}-error`);
  if (!error) return;
  error.querySelector('span').textContent = problem.message;
  error.hidden = false;
  document.getElementById(problem.field)?.setAttribute('aria-invalid', 'true');
}

/** The form's own behaviour: periods of one tap, and the services of the theme alone. `apply` asks anew. */
export function filters(form, apply) {
  const { from, to, theme, service } = form.elements;
  const names = document.getElementById('service-names');
  const every = [...names.children];

  function offer() {
    names.replaceChildren(...every.filter((one) => !theme.value || one.dataset.theme === theme.value));
  }

  theme.addEventListener('change', () => {
    service.value = '';
    offer();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener('click', (event) => {
    const range = event.target.closest('.ranges a');
    if (!range) return;
    event.preventDefault();
    from.value = range.dataset.from;
    to.value = range.dataset.to;
    apply();
  });
  offer();

  return {
    offer,
    /** Which period of one tap the form has now. */
    mark() {
      for (const range of form.querySelectorAll('.ranges a')) {
        if (range.dataset.from === from.value && range.dataset.to === to.value) range.setAttribute('aria-current', 'true');
        else range.removeAttribute('aria-current');
      }
    },
  };
}
