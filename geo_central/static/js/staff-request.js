// The position of whoever closes a request, given by one tap; without it a reason is chosen.
for (const box of document.querySelectorAll('[data-position]')) {
  const said = box.querySelector('[role=status]');
  const put = (name, value) => { box.querySelector(`[name=${name}]`).value = value; };
  box.querySelector('button').addEventListener('click', () => {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      put('lat', coords.latitude);
      put('lng', coords.longitude);
      put('accuracy_m', Math.round(coords.accuracy));
      said.textContent = said.dataset.done;
    }, () => { said.textContent = said.dataset.failed; }, { enableHighAccuracy: true, timeout: 20_000 });
  });
}
