import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatDuration, formatNumber, formatSetting, plural } from './format';

describe('formats', () => {
  it('gives three significant digits', () => {
    expect(formatNumber(0.012345)).toBe('0.0123');
    expect(formatNumber(4.5)).toBe('4.50');
    expect(formatNumber(-123.4)).toBe('−123');
    expect(formatNumber(0)).toBe('0');
    expect(formatNumber(0.0000123)).toBe('1.23e-5');
    expect(formatNumber(12_345)).toBe('12345');
    expect(formatNumber(1_234_567)).toBe('1.23e6');
    expect(formatNumber(Number.NaN)).toBe('not a number');
  });

  it('writes settings as they are typed', () => {
    expect(formatSetting(0.001)).toBe('0.001');
    expect(formatSetting(0.0003)).toBe('3e-4');
    expect(formatSetting(0.1 + 0.2)).toBe('0.3');
    expect(formatSetting(100_000)).toBe('100000');
  });

  it('writes counts, times and sizes', () => {
    expect(formatCount(1234567)).toBe('1\u202f234\u202f567');
    expect(formatCount(312)).toBe('312');
    expect([0, 1, 2, 1200].map((count) => plural(count, 'run'))).toEqual(['0 runs', '1 run', '2 runs', '1\u202f200 runs']);
    expect(plural(2, 'entry', 'entries')).toBe('2 entries');
    expect(formatDuration(7.2)).toBe('8 s');
    expect(formatDuration(125)).toBe('2 min 5 s');
    expect(formatDuration(120)).toBe('2 min');
    expect(formatDuration(3600 + 12 * 60)).toBe('1 h 12 min');
    expect(formatBytes(38_000_000)).toBe('38 MB');
    expect(formatBytes(1234)).toBe('1.2 kB');
    expect(formatBytes(999_700)).toBe('1.0 MB');
  });
});
