// The neighbourhoods of the map of requests in classes: what the table says, where it is.
import { choropleth, colourOf } from 'house/choropleth';
import { getJSON } from 'house/api';

/**
 * Counted neighbourhoods on the heatmap's map.
 *
 * @param {maplibre.Map} map loaded
 * @param {HTMLElement} legend with a list for the classes and a line that hears what a tapped area has
 */
export function heatAreas(map, legend) {
  const list = legend.querySelector('ul');
  const said = legend.querySelector('[role=status]');
  const drawn = choropleth(map, tell);
  let address = '';
  let loaded = '';
  let on = false;
  let found = null;

  function tell(code) {
    const n = found.codes.indexOf(code);
    drawn.mark(code);
    said.textContent = n < 0 ? `0 ${said.dataset.requests}` : `${found.names[n]}: ${found.numbers[n].toLocaleString(document.documentElement.lang)} ${said.dataset.requests}`;
  }

  function key({ class: index, shade, words }) {
    const item = document.createElement('li');
    item.dataset.class = index;
    const colour = document.createElement('span');
    colour.className = `key shade-${shade}`;
    colour.setAttribute('aria-hidden', 'true');
    item.append(colour, words);
    return item;
  }

  const colours = () => Object.fromEntries([...list.children].map((item) => [item.dataset.class, colourOf(item.firstElementChild)]));

  async function draw() {
    if (!on || loaded === address) return;
    const wanted = address;
    const [path, query] = wanted.split('?');
    const next = await getJSON(path, Object.fromEntries(new URLSearchParams(query)));
    if (wanted !== address) return;
    await drawn.from(next.layer);
    found = next;
    loaded = wanted;
    list.replaceChildren(...next.legend.map(key), key({ class: 0, shade: 0, words: list.dataset.none }));
    said.textContent = '';
    drawn.paint(next.codes, next.classes, colours);
    drawn.mark('');
    drawn.show(on);
    map.once('idle', () => { legend.dataset.ready = ''; });
  }

  return {
    /** Count by this address from now on. */
    from(next) {
      address = next;
      return draw();
    },
    /** Show them or not. */
    show(wanted) {
      on = wanted;
      drawn.show(on);
      return draw();
    },
    repaint: drawn.repaint,
  };
}
