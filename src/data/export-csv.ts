/** Tables as CSV (RFC 4180), and numbers as the fewest digits that give the same bits back. */

export type Cell = string | number | boolean | null;

/**
 * A table as CSV with a header line. NaN and null are empty. A text that a spreadsheet would compute (`=...`, `@...`)
 * gets an apostrophe before it, since names come from anywhere.
 */
export function csvTable(header: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [header.map(cellText).join(',')];
  for (const row of rows) lines.push(row.map(cellText).join(','));
  return `${lines.join('\n')}\n`;
}

export function cellText(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return Number.isNaN(value) ? '' : numberText(value);
  if (typeof value === 'boolean') return String(value);
  const safe = /^[=@\t\r]|^[+-](?![\d.]+$)/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const numberText = (value: number): string => (Object.is(value, -0) ? '-0' : String(value));

/** The fewest digits that read back as the same float32; empty for NaN. */
export function float32Text(value: number): string {
  if (Number.isNaN(value)) return '';
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 24) return numberText(value);
  if (!Number.isFinite(value)) return String(value);
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** The same as a number, for JSON. */
export const shortFloat32 = (value: number): number => (Number.isNaN(value) ? value : Number(float32Text(value)));

/** JSON that keeps numbers which JSON has no word for, as `{"$number": "NaN"}`. */
export const losslessJson = (value: unknown): string =>
  JSON.stringify(value, (_, item: unknown) => (typeof item === 'number' && !Number.isFinite(item) ? { $number: String(item) } : item));

/** Reads what `losslessJson` wrote. */
export const parseLossless = (json: string): unknown =>
  JSON.parse(json, (_, item: unknown) => {
    const number = typeof item === 'object' && item !== null ? (item as { $number?: unknown }).$number : undefined;
    return number === undefined ? item : Number(number);
  });
