// "Avisar neste aparelho": asks the browser only after a tap, and leaves its subscription with us.
const button = document.querySelector('[data-push]');
const status = document.querySelector('#push-status');
const SCOPE = '/avisos/';
const able = 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

if (button && able) button.hidden = false;
else if (button) say('unable');

button?.addEventListener('click', async () => {
  button.disabled = true;
  try {
    if (await Notification.requestPermission() !== 'granted') { say('denied'); return; }
    const registration = await navigator.serviceWorker.register(`${SCOPE}sw.js`, { scope: SCOPE });
    await ready(registration);
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: bytes(button.dataset.key),
    });
    const answer = await fetch(button.dataset.push, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token() },
      body: JSON.stringify(subscription),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    say('done');
    button.hidden = true;
  } catch (error) {
    console.warn(error);
    say('failed');
  } finally {
    button.disabled = false;
  }
});

function say(word) { status.textContent = button.dataset[word]; }

function token() { return document.querySelector('[name=csrfmiddlewaretoken]').value; }

// Resolves once the worker of this scope is active; `serviceWorker.ready` waits for that of the page.
function ready(registration) {
  const worker = registration.active || registration.waiting || registration.installing;
  if (worker.state === 'activated') return undefined;
  return new Promise((resolve) => {
    worker.addEventListener('statechange', () => { if (worker.state === 'activated') resolve(); });
  });
}

function bytes(base64url) {
  const text = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}
