// Photos: made small on the device, then sent in the background under an id made here,
// so that sending the report later carries ids and no bytes.
import { say, uuid } from 'house/api';

const LONGEST = 1600;
const QUALITY = 0.78;
const TRIES = 3;

/** A picture as a JPEG of at most LONGEST pixels a side; the original where the device cannot draw it. */
export async function shrink(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    return await new Promise((done) => canvas.toBlob((blob) => done(blob ?? file), 'image/jpeg', QUALITY));
  } catch {
    return file; // HEIC on a browser that cannot open it: the server can
  }
}

/** PUT with progress, which fetch cannot tell. */
function put(url, blob, progress) {
  return new Promise((done, fail) => {
    const request = new XMLHttpRequest();
    request.open('PUT', url);
    request.setRequestHeader('Content-Type', blob.type || 'application/octet-stream');
    request.setRequestHeader('Accept', 'application/json');
    request.timeout = 120_000;
    request.upload.onprogress = (event) => progress(Math.round((100 * event.loaded) / event.total));
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch {
        // Not JSON: the status alone says what happened.
      }
      if (request.status < 300) done(body);
      else fail(Object.assign(new Error(body.title ?? say('photo_failed')), { refused: request.status < 500 && request.status !== 429 }));
    };
    request.onerror = request.ontimeout = () => fail(new Error(say('photo_failed')));
    request.send(blob);
  });
}

/** The photos of one report: thumbnails in `list`, ids once sent. */
export class Photos {
  /** @param {{list: HTMLElement, status: HTMLElement, url: string, limit: number, changed: () => void}} options */
  constructor({ list, status, url, limit, changed }) {
    Object.assign(this, { list, status, url, limit, changed });
    /** @type {{id: string, done: Promise<void>, sent: boolean, failed: boolean, item: HTMLElement | null}[]} */
    this.all = [];
  }

  get ids() {
    return this.all.filter((photo) => photo.sent).map((photo) => photo.id);
  }

  get failed() {
    return this.all.some((photo) => photo.failed);
  }

  /** Resolves when nothing is being sent any more. */
  async settled() {
    await Promise.allSettled(this.all.map((photo) => photo.done));
  }

  /** Photos sent before this page was opened again. */
  restore(ids) {
    for (const id of ids) this.all.push({ id, done: Promise.resolve(), sent: true, failed: false, item: null });
  }

  add(file) {
    if (this.all.length >= this.limit) {
      this.status.textContent = say('photo_many', { n: this.limit });
      return;
    }
    const photo = { id: uuid(), done: Promise.resolve(), sent: false, failed: false, item: null };
    photo.item = this.#draw(photo, file);
    this.all.push(photo);
    photo.done = this.#send(photo, file);
  }

  async #send(photo, file) {
    const bar = photo.item.querySelector('progress');
    const note = photo.item.querySelector('small');
    const retry = photo.item.querySelector('.retry');
    photo.failed = false;
    retry.hidden = true;
    bar.hidden = false;
    try {
      note.textContent = say('photo_shrinking');
      photo.blob ??= await shrink(file);
      for (let tried = 1; ; tried++) {
        try {
          await put(this.url + photo.id, photo.blob, (percent) => {
            bar.value = percent;
            note.textContent = say('photo_sending', { percent });
          });
          break;
        } catch (error) {
          if (error.refused || tried === TRIES) throw error;
          await new Promise((wake) => setTimeout(wake, 800 * tried));
        }
      }
      photo.sent = true;
      bar.hidden = true;
      note.textContent = say('photo_sent');
      this.status.textContent = say('photo_sent');
    } catch (error) {
      photo.failed = true;
      bar.hidden = true;
      retry.hidden = Boolean(error.refused);
      note.textContent = error.message;
      this.status.textContent = error.message;
    }
    this.changed();
  }

  #draw(photo, file) {
    const number = this.all.length + 1;
    const item = document.createElement('li');
    item.className = 'shot-item';
    const image = Object.assign(new Image(), { alt: say('photo_alt', { n: number }) });
    image.src = URL.createObjectURL(file);
    const bar = Object.assign(document.createElement('progress'), { max: 100, value: 0 });
    bar.setAttribute('aria-label', say('photo_alt', { n: number }));
    const note = document.createElement('small');
    const retry = Object.assign(document.createElement('button'), { type: 'button', className: 'retry', hidden: true, textContent: say('photo_retry') });
    retry.addEventListener('click', () => { photo.done = this.#send(photo, file); });
    const remove = Object.assign(document.createElement('button'), { type: 'button', className: 'remove' });
    remove.setAttribute('aria-label', say('photo_remove', { n: number }));
    remove.textContent = '×';
    remove.addEventListener('click', () => {
      this.all.splice(this.all.indexOf(photo), 1);
      URL.revokeObjectURL(image.src);
      item.remove();
      this.changed();
    });
    item.append(image, bar, note, retry, remove);
    this.list.append(item);
    return item;
  }
}
