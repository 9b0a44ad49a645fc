// Where it is: by the device, by address, or by the pin; always the same point in the form.
import { Problem, debounced, getFragment, getJSON, say } from 'house/api';
import { combobox } from 'house/combobox';
import { unmark } from 'house/errors';

/** Further off than this, in metres, the citizen is asked to look. */
const SURE_M = 50;
const $ = (id) => document.getElementById(id);

export class Place extends EventTarget {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    super();
    this.form = form;
    this.confirmed = true;
    this.pin = null;
    this.locating = null;
    $('locate').addEventListener('click', () => this.locate());
    $('adjust').addEventListener('click', () => this.toggleMap());
    $('doubt-ok').addEventListener('click', () => this.confirm());
    combobox($('address'), {
      label: say('addresses'),
      search: async (q, signal) => (await getJSON(`${form.dataset.api}addresses`, { q, ...this.near }, signal)).results,
      text: (found) => found.label,
      note: (found) => found.neighbourhood ?? '',
      pick: (found) => this.put(found, { from: 'address' }),
    });
    this.describe = debounced((signal) => this.#describe(signal), 120);
  }

  /** @returns {{lat: number, lng: number} | null} */
  get point() {
    const { lat, lng } = this.form.elements;
    return lat.value && lng.value ? { lat: Number(lat.value), lng: Number(lng.value) } : null;
  }

  get near() {
    return this.point ?? {};
  }

  /** Ask the device. Silent when `quiet`: it rides on the tap that opened the camera. */
  locate({ quiet = false } = {}) {
    if (!navigator.geolocation) return this.#tell('locate_failed');
    this.locating = true;
    this.#tell('locating');
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        this.locating = false;
        if (quiet && this.point) return this.#describe();
        this.put({ lat: coords.latitude, lng: coords.longitude }, { from: 'device', accuracy: coords.accuracy });
      },
      (error) => {
        this.locating = false;
        this.#tell(error.code === error.PERMISSION_DENIED ? 'locate_denied' : 'locate_failed');
      },
      { enableHighAccuracy: true, timeout: 12_000, maximumAge: 20_000 },
    );
  }

  /**
   * @param {{lat: number, lng: number}} point
   * @param {{from: 'device' | 'address' | 'pin' | 'draft', accuracy?: number}} how
   */
  put(point, { from, accuracy = 0 }) {
    this.form.elements.lat.value = point.lat.toFixed(6);
    this.form.elements.lng.value = point.lng.toFixed(6);
    if (from === 'device' || from === 'pin') $('address').value = '';
    this.confirmed = accuracy <= SURE_M;
    $('doubt').hidden = this.confirmed;
    $('doubt-text').textContent = say('place_doubt', { metres: Math.round(accuracy / 10) * 10 });
    if ($('address').dataset.marked !== undefined) unmark($('address'));
    if (from !== 'pin') this.pin?.move(this.point);
    this.describe();
  }

  clear() {
    this.form.elements.lat.value = this.form.elements.lng.value = '';
    $('doubt').hidden = true;
    this.confirmed = true;
    this.dispatchEvent(new Event('change'));
  }

  confirm() {
    this.confirmed = true;
    $('doubt').hidden = true;
    $('adjust').focus();
  }

  async toggleMap() {
    const button = $('adjust');
    const open = button.getAttribute('aria-expanded') !== 'true';
    button.setAttribute('aria-expanded', String(open));
    button.querySelector('span').textContent = say(open ? 'close_map' : 'open_map');
    $('map-panel').hidden = !open;
    if (!open) return;
    if (!this.pin) {
      const { openPin } = await import('house/pin');
      this.pin = await openPin($('map'), this.point, {
        moved: (point) => this.put(point, { from: 'pin' }),
        confirmed: () => { this.toggleMap(); button.focus(); },
      });
    } else this.pin.move(this.point);
    this.pin?.focus();
  }

  async #describe(signal) {
    const point = this.point;
    if (!point) return;
    const box = $('place');
    box.setAttribute('aria-busy', 'true');
    try {
      box.replaceChildren(await getFragment(this.form.dataset.place, point, signal));
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      this.#refuse(error);
    } finally {
      box.removeAttribute('aria-busy');
    }
    this.dispatchEvent(new Event('change'));
  }

  /** Outside the city, or no network: the words stay where the place would be. */
  #refuse(error) {
    const line = document.createElement('p');
    line.className = 'error';
    line.textContent = error instanceof Problem ? error.message : say('failed');
    $('place').replaceChildren(line);
    if (error instanceof Problem && error.status < 500) this.clear();
  }

  #tell(code) {
    const line = document.createElement('p');
    line.className = 'soft';
    line.textContent = say(code);
    $('place').replaceChildren(line);
  }
}
