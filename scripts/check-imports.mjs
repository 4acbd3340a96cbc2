/** Checks that imports inside `src/` follow the directions of src/ARCHITECTURE.md: `node scripts/check-imports.mjs`. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SRC = fileURLToPath(new URL('../src', import.meta.url));
const ENGINE = ['core', 'worlds', 'rewards', 'metrics', 'data', 'objectives', 'kernels', 'engine', 'optim', 'policies', 'trainer'];
const STORE = ['core', 'data', 'experiments', 'store', 'worker/protocol', 'worker/bench-protocol'];

/** What each room may import beside itself: rooms, and single files as `room/file`. @type {Record<string, readonly string[]>} */
const ROOMS = {
  core: [],
  worlds: ['core', 'metrics'],
  rewards: ['core', 'metrics'],
  metrics: ['core'],
  data: ['core'],
  objectives: ['core', 'metrics'],
  kernels: ['core', 'metrics'],
  engine: ['core', 'kernels'],
  optim: ['core', 'kernels'],
  policies: ['core', 'kernels', 'engine'],
  trainer: ENGINE,
  worker: [...ENGINE, 'bench'],
  bench: ENGINE,
  'worker/protocol': ['core'],
  'worker/connect': ['core', 'worker/protocol'],
  'worker/watch': ['core', 'worker/protocol'],
  'worker/hedge': ['core', 'worker/protocol', 'worker/connect', 'worker/watch'],
  'worker/router': ['core', 'worker/protocol', 'worker/connect', 'worker/hedge'],
  'worker/sandbox': ['core', 'worker/protocol', 'worker/connect'],
  'worker/client': ['core', 'worker/protocol', 'worker/connect', 'worker/router', 'worker/sandbox'],
  'worker/bench-protocol': ['core'],
  'worker/bench-client': ['core', 'worker/bench-protocol', 'worker/connect'],
  experiments: ['core'],
  store: ['core', 'data', 'experiments', 'worker/protocol', 'worker/client', 'worker/bench-protocol', 'worker/bench-client'],
  charts: STORE,
  ui: [...STORE, 'charts'],
  editor: [...STORE, 'ui'],
  pages: [...STORE, 'charts', 'ui', 'editor'],
  app: [...STORE, 'charts', 'ui', 'pages'],
  cli: [...ENGINE, 'worker', 'bench', 'experiments'],
};

/** Packages, and the rooms and files that may import them. @type {readonly [RegExp, readonly string[]][]} */
const PACKAGES = [
  [/^@tensorflow\//, ['objectives', 'kernels', 'engine', 'optim', 'policies', 'trainer', 'worker', 'bench', 'cli']],
  [/^@jax-js\//, ['bench']],
  [/^(react|@mantine|recharts|zustand|katex)/, ['store', 'charts', 'ui', 'editor', 'pages', 'app']],
  [/^(@codemirror\/|@lezer\/|typescript-browser$)/, ['editor']],
  [/^(node:|webgpu$)/, ['cli']],
  [/^fflate$/, ['data']],
  [
    /./,
    ['objectives', 'kernels', 'engine', 'optim', 'policies', 'trainer', 'worker', 'bench', 'cli', 'store', 'charts', 'ui', 'pages', 'app'],
  ],
];

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bimport\.meta\.glob(?:<[^(]*>)?\(\s*)(['"])([^'"\n]+)\1/g;

/**
 * Tests and what they share, in `src/test/` or a room's `testing.ts`, may import anything.
 * @param {string} file path below `src/`, with forward slashes
 * @param {string} source
 * @returns one sentence for every import that goes the wrong way
 */
export function wrongImports(file, source) {
  if (file.startsWith('test/') || /(\.test|\/testing)\.tsx?$/.test(file)) return [];
  const from = unit(file);
  const code = source.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*/g, '');
  return [...code.matchAll(IMPORT)].flatMap(([, , specifier = '']) =>
    allowed(file, from, specifier) ? [] : [`src/${file} imports ${specifier}, which ${from} may not`],
  );
}

/** The room of a file, or the file itself where it has a rule of its own. @param {string} file */
function unit(file) {
  const own = file.replace(/\.tsx?(\?.*)?$/, '');
  return own in ROOMS ? own : (file.split('/')[0] ?? '');
}

/** @param {string} file @param {string} from @param {string} specifier */
function allowed(file, from, specifier) {
  // An address is no code.
  if (/\?(worker&)?url$/.test(specifier)) return true;
  if (!specifier.startsWith('.')) return PACKAGES.find(([name]) => name.test(specifier))?.[1].includes(from) ?? true;
  const to = unit(
    normalize(join(dirname(file), specifier))
      .split(sep)
      .join('/'),
  );
  if (to === from) return true;
  // A room imports its own files, those with rules of their own included.
  const room = /** @param {string} name */ (name) => name.split('/')[0] ?? '';
  if (from === room(to)) return true;
  const may = ROOMS[from] ?? [];
  return may.includes(to) || may.includes(room(to));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
  const wrong = files.flatMap((name) => wrongImports(name.split(sep).join('/'), readFileSync(join(SRC, name), 'utf8')));
  for (const sentence of wrong) console.log(sentence);
  console.log(`${files.length} files, ${wrong.length} wrong imports`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
