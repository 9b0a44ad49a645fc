// The page of one request for those who work on it: it keeps itself up to date, and the position of
// whoever closes it is given by one tap; without it a reason is chosen.
import { keep } from 'house/live';

document.addEventListener('click', ({ target }) => {
  const box = target.closest('[data-position] button')?.closest('[data-position]');
  if (!box) return;
  const said = box.querySelector('[role=status]');
  const put = (name, value) => { box.querySelector(`[name=${name}]`).value = value; };
  box.dataset.kept = ''; // what was given is not drawn over
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    put('lat', coords.latitude);
    put('lng', coords.longitude);
    put('accuracy_m', Math.round(coords.accuracy));
    said.textContent = said.dataset.done;
  }, () => { said.textContent = said.dataset.failed; }, { enableHighAccuracy: true, timeout: 20_000 });
});

keep(document.querySelector('[data-stream]'));
