// Copies the front-end libraries from node_modules to static/vendor: the listed files and no others.
// Run by `make` after `npm ci --ignore-scripts`; the pages load nothing from anywhere else.
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import subsetFont from 'subset-font';

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, '../../node_modules');
const OUT = join(HERE, 'vendor');

const FILES = {
  'maplibre-gl': ['dist/maplibre-gl.mjs', 'dist/maplibre-gl-worker.mjs', 'dist/maplibre-gl.css'],
  pmtiles: ['dist/esm/index.js'],
  fflate: ['esm/browser.js'],
  'htmx.org': ['dist/htmx.min.js'],
  // What a folium map refers to.
  leaflet: ['dist/leaflet.js', 'dist/leaflet.css', 'dist/images'],
  'leaflet.awesome-markers': [
    'dist/leaflet.awesome-markers.min.js', 'dist/leaflet.awesome-markers.css', 'dist/images',
  ],
  'leaflet.markercluster': [
    'dist/leaflet.markercluster.js', 'dist/MarkerCluster.css', 'dist/MarkerCluster.Default.css',
  ],
  jquery: ['dist/jquery.min.js'],
  bootstrap: ['dist/js/bootstrap.bundle.min.js', 'dist/css/bootstrap.min.css'],
  '@fortawesome/fontawesome-free': ['css/all.min.css', 'webfonts'],
  d3: ['d3.min.js'],
};

// The values of the Padrão Digital de Governo that the house's tokens are made of.
const TOKENS = [
  ...[90, 80, 70, 60, 50, 30, 20, 10, 5].map((n) => `blue-warm-vivid-${n}`),
  ...[90, 80, 70, 60, 50, 40, 30, 20, 10, 5, 3, 1].map((n) => `gray-cool-${n}`),
  ...[80, 60, 50, 20, 10, 5].map((n) => `green-cool-vivid-${n}`),
  ...[80, 60, 50, 20, 10, 5].map((n) => `red-vivid-${n}`),
  ...[80, 70, 20, 10, 5].map((n) => `yellow-vivid-${n}`),
  ...[50, 40, 30, 20].map((n) => `orange-vivid-${n}`),
  'pure-0',
  ...['half', 'base', 'baseh', '2x', '3x', '4x', '5x', '6x', '8x', '10x'].map((n) => `spacing-scale-${n}`),
  ...['sm', 'md', 'lg', 'pill'].map((n) => `surface-rounder-${n}`),
  ...['medium', 'semi-bold', 'bold', 'extra-bold'].map((n) => `font-weight-${n}`),
];

/** Only what Portuguese, English and Spanish write; only the weights that the pages use. */
async function font() {
  const from = join(MODULES, '@fontsource-variable/raleway/files/raleway-latin-wght-normal.woff2');
  const ascii = Array.from({ length: 95 }, (_, i) => String.fromCodePoint(32 + i)).join('');
  const letters = 'ÁÀÂÃÄÇÉÊËÍÏÓÔÕÖÚÜÑáàâãäçéèêëíïóòôõöúüñªº°·–—‘’“”•…−×½²§©€¿¡\u00a0';
  const subset = await subsetFont(await readFile(from), ascii + letters, {
    targetFormat: 'woff2',
    noHinting: true,
    keepFeatures: ['kern', 'lnum', 'tnum', 'ccmp', 'mark'],
    variationAxes: { wght: { min: 500, max: 800 } },
  });
  await mkdir(join(OUT, 'raleway'), { recursive: true });
  await writeFile(join(OUT, 'raleway/raleway.woff2'), subset);
}

async function tokens() {
  const css = await readFile(join(MODULES, '@govbr-ds/core/dist/core-tokens.min.css'), 'utf8');
  const lines = TOKENS.map((name) => {
    const value = css.match(new RegExp(`--${name}:([^;}]+)[;}]`))?.[1];
    if (!value) throw new Error(`@govbr-ds/core has no token --${name}`);
    return `--${name}:${value}`;
  });
  await mkdir(join(OUT, '@govbr-ds/core'), { recursive: true });
  await writeFile(join(OUT, '@govbr-ds/core/tokens.css'), `:root{${lines.join(';')}}\n`);
}

/** Source maps are not shipped, so nothing may refer to them: the manifest storage would fail. */
async function copy(name, file) {
  const to = join(OUT, name, file);
  await mkdir(dirname(to), { recursive: true });
  await cp(join(MODULES, name, file), to, { recursive: true });
  if (!/\.(m?js|css)$/.test(file)) return;
  const text = await readFile(to, 'utf8');
  const clean = text.replace(/\n?\/[/*][#@] ?sourceMappingURL=[^\n*]*(\*\/)?\s*$/, '\n');
  if (clean !== text) await writeFile(to, clean);
}

async function licences() {
  const names = [...Object.keys(FILES), '@govbr-ds/core', '@fontsource-variable/raleway'].sort();
  const lines = [];
  for (const name of names) {
    const { version, license } = JSON.parse(await readFile(join(MODULES, name, 'package.json'), 'utf8'));
    lines.push(`${name} ${version} ${typeof license === 'string' ? license : 'see the package'}`);
  }
  await writeFile(join(OUT, 'LICENCES.txt'), lines.join('\n') + '\n');
}

await rm(OUT, { recursive: true, force: true });
for (const [name, files] of Object.entries(FILES)) {
  for (const file of files) await copy(name, file);
}
await Promise.all([font(), tokens(), licences()]);
