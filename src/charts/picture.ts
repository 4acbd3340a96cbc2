/** From lines to what a chart draws: paths and bands in pixels, axes, and labels at the line ends. */
import type { BandKind } from '../core/aggregate';
import { formatNumber } from '../store/format';
import { bandOf, indexAt, isTold, type Mean, meanPoints, runPoints } from './curve';
import { keepOn, type Points } from './decimate';
import type { LineSpec } from './lines';
import { type Axis, exactAxis, logAxis, niceAxis, shareOn, spreadLabels } from './scale';
import { type Smoothing, smoothingOver } from './smooth';
import type { XAxis } from './xaxis';

/** A curve of the picture. */
export interface Path {
  readonly key: string;
  readonly line: LineSpec;
  /** `raw` lies under its smoothed curve, `run` behind the mean of its arm. */
  readonly kind: 'raw' | 'run' | 'main';
  readonly d: string;
  /** Where it stands while it is a single point, which has no line yet. */
  readonly dot: { readonly x: number; readonly y: number } | null;
}

export interface Band {
  readonly key: string;
  readonly line: LineSpec;
  readonly d: string;
}

export interface EndLabel {
  readonly line: LineSpec;
  readonly value: number;
  /** The spread around it in words; empty where there is none. */
  readonly spread: string;
  /** Centre, in pixels from the top of the plot. */
  readonly top: number;
}

export interface Picture {
  readonly bands: readonly Band[];
  readonly paths: readonly Path[];
  readonly x: Axis;
  readonly y: Axis;
  /** The ends of the x axis as it is without a zoom. */
  readonly full: readonly [number, number];
  readonly labels: readonly EndLabel[];
  /** Lines that are drawn and have no label, for want of room. */
  readonly unlabelled: number;
  /** Whether labels have a second line for their words. */
  readonly tallLabels: boolean;
  /** What to say where there is nothing to be seen; null where there is. */
  readonly nothing: 'unmeasured' | 'off-axis' | 'not-positive' | null;
}

/** How lines are drawn. */
export interface Look {
  readonly axis: XAxis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly band: BandKind | 'none';
  readonly individuals: boolean;
  /** Weight of the past, in [0, 1). */
  readonly smoothing: number;
}

export interface Canvas extends Look {
  /** Of the plot, without axes, in pixels. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Whether 0 belongs on the y axis. */
  readonly zero: boolean;
  /** The stretch of x to show; null for all. */
  readonly range: readonly [number, number] | null;
}

/** Fewer points than this are drawn as they are. */
const SMOOTHED_FROM = 40;
const LABEL_GAP = 15;
/** Labels of two lines, where there is room for them. */
const TALL_LABEL_GAP = 28;
const MARGIN = 8;

/** Points to draw, before it is known where. */
interface Drawn {
  readonly key: string;
  readonly line: LineSpec;
  readonly kind: Path['kind'];
  readonly points: Points;
}

export function pictureOf(lines: readonly LineSpec[], canvas: Canvas): Picture {
  const { width, height } = canvas;
  const smoothing = smoothingFor(lines, canvas.smoothing);
  const means = new Map(lines.flatMap((line) => meanOf(line, canvas, smoothing)));
  const drawn = curvesOf(lines, means, canvas, smoothing);
  const x = xAxisFor(lines, drawn, canvas);
  const columns = Math.max(20, Math.floor(width / 2));
  const share = shareOn(x);
  const kept = drawn.map((curve) => ({
    ...curve,
    // An interval by resampling takes its time, and is no finer for being drawn more often.
    kept: keepOn(curve.points, x, canvas.band === 'bootstrap' && means.has(curve.line) ? Math.ceil(columns / 2) : columns),
  }));
  const intervals = new Map(
    kept.flatMap((curve) => {
      const mean = curve.kind === 'main' ? means.get(curve.line) : undefined;
      const kind = canvas.band;
      if (mean === undefined || kind === 'none' || !curve.line.banded) return [];
      return [[curve.line, curve.kept.map((i) => bandOf(mean, i, kind))] as const];
    }),
  );
  const y = yAxisFor(kept, intervals, share, canvas);
  const place = placer(x, y, canvas);
  const labelled = labelledLines(lines, height);
  // The first and the last label may stand a little outside the plot, but not upon the ticks below it.
  const gap = (labelled.length - 1) * TALL_LABEL_GAP <= height - 2 * MARGIN ? TALL_LABEL_GAP : LABEL_GAP;
  return {
    bands: kept.flatMap(({ key, line, kind, points, kept: at }) => {
      const ends = kind === 'main' ? intervals.get(line) : undefined;
      return ends === undefined || at.length < 2 ? [] : [{ key, line, d: bandPath(points, at, ends, place) }];
    }),
    paths: kept.map(({ key, line, kind, points, kept: at }) => ({ key, line, kind, ...curvePath(points, at, place, y.log) })),
    x,
    y,
    full: (canvas.range === null ? x : xAxisFor(lines, drawn, { ...canvas, range: null })).domain,
    labels: labelsOf(labelled, kept, means, y, canvas, gap),
    unlabelled: lines.length - labelled.length,
    tallLabels: gap === TALL_LABEL_GAP,
    nothing: nothingIn(lines, drawn, kept, canvas),
  };
}

/** The smoothing of all of a chart's lines: over a share of the longest run's steps. */
export const smoothingFor = (lines: readonly LineSpec[], weight: number): Smoothing | null =>
  smoothingOver(weight, Math.max(1, ...lines.flatMap(({ members }) => members.map(({ run }) => run.totalSteps))));

const isMean = (line: LineSpec, { band }: Pick<Look, 'band'>): boolean => band !== 'none' && line.members.length > 1;

/** The mean of a line that is one, smoothed where the runs are. */
function meanOf(line: LineSpec, look: Look, smoothing: Smoothing | null): [LineSpec, Mean][] {
  return isMean(line, look) ? [[line, meanPoints(line, look.axis, smoothing)]] : [];
}

/** Faint curves first, so that the others lie on top; of these, the line that is looked at comes last. */
function curvesOf(lines: readonly LineSpec[], means: ReadonlyMap<LineSpec, Mean>, look: Look, smoothing: Smoothing | null): Drawn[] {
  const [faint, main]: [Drawn[], Drawn[]] = [[], []];
  for (const line of lines) {
    const key = `${line.entry.id} ${line.metric}`;
    const mean = means.get(line);
    if (mean !== undefined) {
      if (smoothing !== null && isTold(mean))
        faint.push({ key: `${key} raw`, line, kind: 'raw', points: meanPoints(line, look.axis, null) });
      main.push({ key, line, kind: 'main', points: mean });
    }
    if (mean !== undefined && isTold(mean) && !(look.individuals && line.banded)) continue;
    for (const member of line.members) {
      const own = mean === undefined ? key : `${key} ${member.run.id}`;
      const raw = runPoints(member, look.axis, null);
      const smooth = smoothing !== null && hasMany(raw);
      if (smooth && mean === undefined) faint.push({ key: `${own} raw`, line, kind: 'raw', points: raw });
      const points = smooth ? runPoints(member, look.axis, smoothing) : raw;
      if (mean === undefined) main.push({ key: own, line, kind: 'main', points });
      else faint.push({ key: own, line, kind: 'run', points });
    }
  }
  return [...faint, ...main.reverse()];
}

function hasMany({ y, length }: Points): boolean {
  let count = 0;
  for (let i = 0; i < length && count < SMOOTHED_FROM; i++) if (Number.isFinite(y[i])) count += 1;
  return count >= SMOOTHED_FROM;
}

function xAxisFor(lines: readonly LineSpec[], drawn: readonly Drawn[], { axis, logX, range, width }: Canvas): Axis {
  const count = Math.max(2, Math.floor(width / 60));
  if (range !== null) return exactAxis(range[0], range[1], logX, count);
  const [low, high] = extent(drawn, logX);
  if (logX) return high > 0 ? exactAxis(low, high > low ? high : 2 * low, true, count) : logAxis(0.1, 1);
  if (!axis.ordered) return { ...niceAxis(low, high, false, count), log: false };
  // From 0 to a round number that is rarely passed, and no further than the longest run goes.
  const end = axis.id === 'step' ? Math.max(1, ...lines.flatMap(({ members }) => members.map(({ run }) => run.totalSteps))) : 1 / 0;
  const last = high > 0 ? high : 1;
  const { domain, ticks } = niceAxis(0, last, true, count);
  const to = Math.max(last, Math.min(domain[1], end));
  return { domain: [0, to], ticks: ticks.filter((tick) => tick <= to && (axis.id !== 'step' || Number.isInteger(tick))), log: false };
}

/** Smallest and largest x at which there is a y. */
function extent(drawn: readonly Drawn[], positive: boolean): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { points } of drawn) {
    const { x, y, length, ordered } = points;
    const counts = (i: number): boolean => Number.isFinite(y[i]) && Number.isFinite(x[i]) && !(positive && (x[i] as number) <= 0);
    let first = 0;
    while (first < length && !counts(first)) first += 1;
    let last = length - 1;
    while (last > first && !counts(last)) last -= 1;
    for (const i of ordered ? [first, last] : range(first, last)) {
      if (i >= length || !counts(i)) continue;
      low = Math.min(low, x[i] as number);
      high = Math.max(high, x[i] as number);
    }
  }
  return [low, high];
}

function* range(first: number, last: number): Generator<number> {
  for (let i = first; i <= last; i++) yield i;
}

type Kept = Drawn & { readonly kept: readonly number[] };
type Intervals = ReadonlyMap<LineSpec, readonly (readonly [number, number])[]>;

function yAxisFor(kept: readonly Kept[], intervals: Intervals, share: (x: number) => number, { logY, zero }: Canvas): Axis {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const take = (value: number): void => {
    if (!Number.isFinite(value) || (logY && value <= 0)) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  for (const { line, kind, points, kept: at } of kept) {
    const ends = kind === 'main' ? intervals.get(line) : undefined;
    for (const [k, i] of at.entries()) {
      const where = share(points.x[i] as number);
      if (where < 0 || where > 1) continue;
      take(points.y[i] as number);
      for (const end of ends?.[k] ?? []) take(end);
    }
  }
  return logY ? logAxis(low, high) : { ...niceAxis(low, high, zero), log: false };
}

type Place = (x: number, y: number) => readonly [number, number];

/** Where a value stands in the drawing, in tenths of pixels. What has no place on a log axis stands at its lower end. */
function placer(x: Axis, y: Axis, { left, top, width, height }: Canvas): Place {
  const [across, up] = [shareOn(x), shareOn(y)];
  const tenth = (value: number): number => Math.round(value * 10) / 10;
  return (a, b) => [tenth(left + width * clamp(across(a))), tenth(top + height * (1 - clamp(up(b))))];
}

/** Far outside of the plot is far enough. */
const clamp = (share: number): number => Math.max(-9, Math.min(9, share));

/** A curve is broken where it has no place on the axis. */
function curvePath({ x, y }: Points, at: readonly number[], place: Place, log: boolean): Pick<Path, 'd' | 'dot'> {
  let d = '';
  let goesOn = false;
  let count = 0;
  let dot: Path['dot'] = null;
  for (const i of at) {
    const value = y[i] as number;
    if (log && value <= 0) {
      goesOn = false;
      continue;
    }
    const [px, py] = place(x[i] as number, value);
    d += `${goesOn ? 'L' : 'M'}${px} ${py}`;
    goesOn = true;
    count += 1;
    dot = { x: px, y: py };
  }
  return { d, dot: count === 1 ? dot : null };
}

function bandPath({ x }: Points, at: readonly number[], ends: readonly (readonly [number, number])[], place: Place): string {
  const edge = (which: 0 | 1): string[] => at.map((i, k) => place(x[i] as number, ends[k]?.[which] ?? Number.NaN).join(' '));
  return `M${[...edge(1), ...edge(0).reverse()].join('L')}Z`;
}

function nothingIn(lines: readonly LineSpec[], drawn: readonly Drawn[], kept: readonly Kept[], { logX, logY }: Canvas): Picture['nothing'] {
  if (lines.length === 0) return 'unmeasured';
  const has = drawn.some(({ points }) => extent([{ points } as Drawn], false)[0] <= Number.MAX_VALUE);
  if (!has) return 'off-axis';
  const seen = kept.some(({ points, kept: at }) => at.some((i) => !logY || (points.y[i] as number) > 0));
  return seen || !(logX || logY) ? null : 'not-positive';
}

/** A value read off a line, with the spread of its runs. */
export interface Value {
  readonly value: number;
  readonly spread: string;
}

/** What a line shows at an x, not smoothed; null where it had nothing yet. */
export function valueAtX(line: LineSpec, at: number, look: Look): Value | null {
  const points = isMean(line, look)
    ? meanPoints(line, look.axis, null)
    : runPoints(line.members[0] as LineSpec['members'][0], look.axis, null);
  return readingAt(points, indexAt(points, at), look);
}

/** The newest value of a line. */
function newest(line: LineSpec, look: Look): Value | null {
  const points = isMean(line, look)
    ? meanPoints(line, look.axis, null)
    : runPoints(line.members[0] as LineSpec['members'][0], look.axis, null);
  let i = points.length - 1;
  while (i >= 0 && !Number.isFinite(points.y[i])) i -= 1;
  return readingAt(points, i, look);
}

function readingAt(points: Points | Mean, i: number, { band }: Look): Value | null {
  if (i < 0) return null;
  const value = points.y[i] as number;
  if (!('points' in points) || band === 'none') return { value, spread: '' };
  const [low, high] = bandOf(points, i, band);
  const even = band === 'sd' || band === 'se';
  return { value, spread: even ? `± ${formatNumber(high - value)}` : `${formatNumber(low)} to ${formatNumber(high)}` };
}

/** The lines of the entry that is looked at, then, as far as there is room, the first metric of the others. */
function labelledLines(lines: readonly LineSpec[], height: number): readonly LineSpec[] {
  const first = lines[0]?.metric;
  const wanted = lines.filter((line) => line.active || line.metric === first || !lines[0]?.active);
  return wanted.slice(0, Math.max(1, Math.floor(height / LABEL_GAP)));
}

function labelsOf(
  labelled: readonly LineSpec[],
  kept: readonly Kept[],
  means: ReadonlyMap<LineSpec, Mean>,
  axis: Axis,
  canvas: Canvas,
  gap: number,
): EndLabel[] {
  const { height } = canvas;
  const up = shareOn(axis);
  const ends = labelled.map((line) => {
    const curve = kept.find((one) => one.line === line && one.kind === (means.get(line)?.length === 0 ? 'run' : 'main'));
    const end = curve?.points.y[curve.kept.at(-1) ?? -1];
    const { value, spread } = newest(line, canvas) ?? { value: Number.NaN, spread: '' };
    return { line, value, spread, centre: height * (1 - Math.min(1, Math.max(0, up(end ?? value) || 0))) };
  });
  const tops = spreadLabels(
    ends.map((end) => end.centre),
    gap,
    gap === TALL_LABEL_GAP ? MARGIN : 0,
    gap === TALL_LABEL_GAP ? height - MARGIN : height,
  );
  return ends.map(({ line, value, spread }, i) => ({ line, value, spread, top: tops[i] as number }));
}
