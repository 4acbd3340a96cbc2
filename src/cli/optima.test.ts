import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { resolveSpec } from '../core/resolve';
import { catalogue } from '../trainer/catalogue';
import { BAR, OPTIMA, specFor } from '../trainer/optima';
import { optima } from './optima';

describe('optima', () => {
  it('refuses what it does not know', async () => {
    await expect(optima(['nothing'])).rejects.toThrow('expected reinforce, ');
    await expect(optima(['--device', 'abacus'])).rejects.toThrow('expected webgpu, wasm or cpu');
    await expect(optima(['--seeds', '0'])).rejects.toThrow('--seeds');
    await expect(optima(['--loud'])).rejects.toThrow('--loud');
  });

  it('was recorded by these specs, every run within the bar, and stands in the README', () => {
    const recorded = JSON.parse(readFileSync('public/optima.json', 'utf8'));
    const readme = readFileSync('README.md', 'utf8');
    expect(recorded.bar).toBe(BAR);
    // A setting that is newer than the record has its default there.
    const known = catalogue();
    expect(recorded.rows.map(({ spec }: { spec: unknown }) => resolveSpec(spec, known))).toEqual(OPTIMA.map((one) => specFor(one, 0)));
    for (const { title, distances } of recorded.rows) {
      const after = distances.map(({ after }: { after: number }) => after);
      expect(Math.max(...after)).toBeLessThanOrEqual(BAR);
      expect(readme).toContain(`| ${title} |`);
      expect(readme).toContain(after.map((distance: number) => distance.toFixed(3)).join(', '));
    }
  });
});
