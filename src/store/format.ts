/** Numbers in words: three significant digits, units beside them. */

/** Three significant digits: 0.0123, 4.50, 123, 12300, 1.20e-5. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? 'infinite' : '−infinite';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return trimExponent(value.toExponential(2)).replace(/^-/, '−');
  const digits = Math.max(0, 2 - Math.floor(Math.log10(size)));
  const rounded = size >= 1000 ? Math.round(value).toString() : value.toFixed(Math.min(digits, 6));
  return rounded.replace(/^-/, '−');
}

const trimExponent = (text: string): string => text.replace('e+', 'e');

/** A setting as a person would type it: no trailing zeros, exponents only where they help. */
export function formatSetting(value: number): string {
  if (!Number.isFinite(value)) return '';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return trimExponent(Number(value.toPrecision(6)).toExponential());
  return String(Number(value.toPrecision(7)));
}

/** A count with thin spaces between thousands. */
export const formatCount = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** A count with its noun: `1 run`, `12 runs`. */
export const plural = (count: number, one: string, many = `${one}s`): string => `${formatCount(count)} ${count === 1 ? one : many}`;

/** Seconds as `8 s`, `2 min 5 s`, `1 h 12 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return whole % 60 === 0 ? `${whole / 60} min` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.floor(whole / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes in binary-free units: `38 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit += 1;
  } while (value >= 999.5 && unit < units.length - 1);
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
