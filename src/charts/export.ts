/**
 * A drawn chart as a document of its own. What stands on the page is copied with its computed style, in the light theme unless the
 * other is asked for, and gets a title, the name of the x axis and a legend of everything that is marked with `data-legend`.
 */
import { BUILD } from '../data/build';
import { MARKER_PATHS } from './Marker';

export type Theme = 'light' | 'dark';

export interface Picture {
  readonly title: string;
  /** A second line, such as what is compared; empty for none. */
  readonly subtitle: string;
  readonly theme: Theme;
}

export interface Exported {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

const PAD = 16;
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const LEGEND_ROW = 20;
const LEGEND_SIZE = 12;
const SAMPLE = 28;

/** Properties of SVG that a stylesheet may have set. */
const STYLED = [
  ...['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-opacity', 'stroke-linejoin', 'opacity'],
  ...['font-size', 'font-weight', 'text-anchor', 'dominant-baseline'],
] as const;

/** Attributes that say how and where to draw, and stay. */
const GEOMETRY = /^(x|y|x1|x2|y1|y2|cx|cy|r|rx|ry|d|width|height|points|transform|clip-path|id|dx|dy)$/;

/** A chart as SVG. @param plot the drawing on the page */
export function svgOf(plot: SVGSVGElement, { title, subtitle, theme }: Picture): Exported {
  const { width: plotWidth, height: plotHeight } = plot.getBoundingClientRect();
  const host = document.createElement('div');
  host.setAttribute('data-mantine-color-scheme', theme);
  host.style.cssText = `position: fixed; left: -10000px; top: 0; width: ${plotWidth}px; color: var(--lab-text); font-family: ${FONT}`;
  const copy = plot.cloneNode(true) as SVGSVGElement;
  host.append(copy);
  document.body.append(host);
  try {
    const paint = painter(host);
    const entries = legendOf(copy, paint);
    const measure = ruler();
    const width = Math.ceil(Math.max(plotWidth, ...entries.map((entry) => entryWidth(entry, measure)))) + 2 * PAD;
    const top = PAD + 18 + (subtitle === '' ? 0 : 17) + 6;
    const rows = layOut(entries, width - 2 * PAD, measure);
    const legendTop = top + plotHeight + 24;
    const height = Math.ceil(legendTop + rows.length * LEGEND_ROW + 4);
    const text = paint('var(--lab-text)');
    const dim = paint('var(--lab-dim)');
    const parts = [
      `<rect width="${width}" height="${height}" fill="${paint('var(--lab-surface)')}"/>`,
      words(PAD, PAD + 12, title, { size: 15, fill: text, weight: 650 }),
      subtitle === '' ? '' : words(PAD, PAD + 30, subtitle, { size: 12, fill: dim }),
      `<svg x="${PAD}" y="${top}" width="${plotWidth}" height="${plotHeight}" overflow="hidden">${drawn(copy, paint)}${ends(copy, paint)}</svg>`,
      words(PAD + plotWidth / 2, top + plotHeight + 10, xTitleOf(plot), { size: 11, fill: dim, anchor: 'middle' }),
      ...rows.flatMap((row, i) => row.map(({ entry, x }) => legendEntry(entry, PAD + x, legendTop + i * LEGEND_ROW, text))),
    ];
    const head = `xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
    const about = `<title>${escapeXml(title)}</title><desc>Objective Lab ${escapeXml(BUILD.version)}</desc>`;
    return { svg: `<svg ${head} font-family="${escapeXml(FONT)}" role="img">${about}${parts.join('')}</svg>`, width, height };
  } finally {
    host.remove();
  }
}

const xTitleOf = (plot: SVGSVGElement): string => plot.closest('[data-x-title]')?.getAttribute('data-x-title') ?? 'steps';

type Paint = (colour: string) => string;

/** Any CSS colour as `#rrggbb`, as it shows on the host's theme: not every reader of SVG knows `color-mix`. */
function painter(host: HTMLElement): Paint {
  const probe = document.createElement('span');
  host.append(probe);
  const canvas = document.createElement('canvas');
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const known = new Map<string, string>();
  return (colour) => {
    if (colour === 'none' || context === null) return colour;
    const before = known.get(colour);
    if (before !== undefined) return before;
    probe.style.color = colour;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = getComputedStyle(probe).color;
    context.fillRect(0, 0, 1, 1);
    const [r = 0, g = 0, b = 0, a = 0] = context.getImageData(0, 0, 1, 1).data;
    const hex = a === 0 ? 'none' : `#${[r, g, b].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
    known.set(colour, hex);
    return hex;
  };
}

let copies = 0;

/** What lies in the drawing, each element with its computed style; ids are made new, since several drawings may stand in one page. */
function drawn(copy: SVGSVGElement, paint: Paint): string {
  copies += 1;
  const prefix = `c${copies}-`;
  const write = (element: Element): string => {
    if (element instanceof SVGTitleElement || element instanceof SVGDescElement || element instanceof HTMLElement) return '';
    const style = getComputedStyle(element);
    if (style.display === 'none' || style.visibility === 'hidden') return '';
    const attributes = [...element.attributes]
      .filter(({ name }) => GEOMETRY.test(name))
      .map(({ name, value }) => [name, renamed(name, value, prefix)] as const);
    const styled = shapeOrText(element) ? STYLED.map((name) => [name, styleOf(style, name, paint)] as const) : [];
    const all = [...attributes, ...styled].filter(([, value]) => value !== '');
    const tag = element.tagName;
    const inner = element.children.length > 0 ? [...element.children].map(write).join('') : escapeXml(element.textContent ?? '');
    return `<${tag}${all.map(([name, value]) => ` ${name}="${escapeXml(value)}"`).join('')}>${inner}</${tag}>`;
  };
  return [...copy.children].map(write).join('');
}

const shapeOrText = (element: Element): boolean => element instanceof SVGGraphicsElement && !(element instanceof SVGGElement);

function renamed(name: string, value: string, prefix: string): string {
  if (name === 'id') return prefix + value;
  return name === 'clip-path' ? value.replace(/url\((['"]?)#(.*?)\1\)/, (_, __, id: string) => `url(#${prefix}${id})`) : value;
}

/** Values that are there anyway are left out. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'fill-opacity': '1',
  'stroke-opacity': '1',
  opacity: '1',
  'stroke-dasharray': 'none',
  'stroke-linejoin': 'miter',
  'text-anchor': 'start',
  'dominant-baseline': 'auto',
  'font-weight': '400',
};

function styleOf(style: CSSStyleDeclaration, name: (typeof STYLED)[number], paint: Paint): string {
  const value = style.getPropertyValue(name);
  if (value === DEFAULTS[name]) return '';
  return name === 'fill' || name === 'stroke' ? paint(value) : value;
}

interface LegendEntry {
  readonly words: string;
  /** Path of the shape that stands beside the colour; empty for none. */
  readonly marker: string;
  readonly stroke: string;
  readonly dash: string;
  readonly fill: string;
  readonly fillOpacity: string;
}

/** Everything that says what it is, each thing once. */
function legendOf(copy: SVGSVGElement, paint: Paint): LegendEntry[] {
  const found = new Map<string, LegendEntry>();
  for (const element of copy.querySelectorAll('[data-legend]')) {
    const text = element.getAttribute('data-legend') ?? '';
    const style = getComputedStyle(element);
    const dash = style.strokeDasharray;
    const entry = {
      words: text,
      marker: markerOf(element),
      stroke: paint(style.stroke),
      dash: dash === 'none' ? '' : dash,
      fill: paint(style.fill),
      fillOpacity: style.fillOpacity,
    };
    if (text !== '' && !found.has(text)) found.set(text, entry);
  }
  return [...found.values()];
}

type Ruler = (text: string) => number;

/** Measures text in the size of the legend. */
function ruler(): Ruler {
  const context = document.createElement('canvas').getContext('2d');
  if (context !== null) context.font = `${LEGEND_SIZE}px ${FONT}`;
  return (text) => context?.measureText(text).width ?? 7 * text.length;
}

const entryWidth = ({ words: text }: LegendEntry, measure: Ruler): number => SAMPLE + 6 + measure(text);

const markerOf = (element: Element): string => MARKER_PATHS[element.getAttribute('data-marker') as keyof typeof MARKER_PATHS] ?? '';

/** A marker of 8 pixels around a point. */
const markerAt = (path: string, x: number, y: number, fill: string): string =>
  `<path d="${path}" fill="${fill}" transform="translate(${x - 4} ${y - 4}) scale(${8 / 12})"/>`;

/** The runs' markers at the ends of their lines: colour alone tells nobody apart. */
function ends(copy: SVGSVGElement, paint: Paint): string {
  return [...copy.querySelectorAll<SVGPathElement>('path[data-marker]')]
    .map((path) => {
      const [, x, y] = /([-\d.e]+)[ ,]([-\d.e]+)$/.exec(path.getAttribute('d') ?? '') ?? [];
      return x === undefined || y === undefined ? '' : markerAt(markerOf(path), Number(x), Number(y), paint(getComputedStyle(path).stroke));
    })
    .join('');
}

/** Entries beside each other as far as there is room, then in another row. */
function layOut(entries: readonly LegendEntry[], width: number, measure: Ruler): { readonly entry: LegendEntry; readonly x: number }[][] {
  const rows: { entry: LegendEntry; x: number }[][] = [];
  let x = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const needed = entryWidth(entry, measure);
    if (x + needed > width) {
      rows.push([]);
      x = 0;
    }
    rows.at(-1)?.push({ entry, x });
    x += needed + 20;
  }
  return rows;
}

function legendEntry({ words: text, marker, stroke, dash, fill, fillOpacity }: LegendEntry, x: number, y: number, colour: string): string {
  const isArea = fill !== 'none';
  const area = isArea
    ? `<rect x="${x}" y="${y + 2}" width="${SAMPLE}" height="10" fill="${fill}" fill-opacity="${fillOpacity}"${stroke === 'none' ? '' : ` stroke="${stroke}"`}/>`
    : '';
  const dashed = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  const line = isArea
    ? ''
    : `<line x1="${x}" x2="${x + SAMPLE}" y1="${y + 7}" y2="${y + 7}" stroke="${stroke}" stroke-width="2"${dashed}/>`;
  const shape = marker === '' ? '' : markerAt(marker, x + SAMPLE - 4, y + 7, stroke);
  return `${area}${line}${shape}${words(x + SAMPLE + 6, y + 11, text, { size: LEGEND_SIZE, fill: colour })}`;
}

interface Lettering {
  readonly size: number;
  readonly fill: string;
  readonly weight?: number;
  readonly anchor?: 'middle';
}

function words(x: number, y: number, text: string, { size, fill, weight, anchor }: Lettering): string {
  const more = `${weight === undefined ? '' : ` font-weight="${weight}"`}${anchor === undefined ? '' : ` text-anchor="${anchor}"`}`;
  return `<text x="${x}" y="${y}" font-size="${size}" fill="${fill}"${more}>${escapeXml(text)}</text>`;
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Pixels of a PNG for each pixel of the page. */
const SCALE = 4;

/** A picture as PNG, four times as large as it stands on the page. @throws Error where the browser cannot draw it */
export async function pngOf({ svg, width, height }: Exported): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    const image = new Image(width * SCALE, height * SCALE);
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = width * SCALE;
    canvas.height = height * SCALE;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (blob === null) throw new Error('the browser could not write the picture');
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}
