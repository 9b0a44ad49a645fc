// On every page: copy and share buttons. Nothing here is needed to use the page.
// The clipboard exists on https and on this machine only.
for (const button of document.querySelectorAll('[data-copy], [data-share]')) {
  if (!navigator.clipboard && !(button.dataset.share && navigator.share)) button.hidden = true;
}

for (const button of document.querySelectorAll('[data-copy]')) {
  const label = button.querySelector('span');
  const before = label.textContent;
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent.trim());
    label.textContent = button.dataset.done;
    setTimeout(() => { label.textContent = before; }, 2500);
  });
}

for (const button of document.querySelectorAll('[data-share]')) {
  const label = button.querySelector('span');
  button.addEventListener('click', async () => {
    const url = new URL(button.dataset.share, location.href).href;
    try {
      if (navigator.share) await navigator.share({ title: button.dataset.title, url });
      else {
        await navigator.clipboard.writeText(url);
        label.textContent = button.dataset.done;
      }
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
  });
}
