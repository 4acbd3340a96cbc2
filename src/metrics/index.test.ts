import { describe, expect, it } from 'vitest';
import { CHARTS } from '../core/charts';
import { METRICS } from './index';
import { LOGGED } from './logged';

describe('the registry', () => {
  it.each(Object.entries(METRICS))('files %s under its own id', (id, metric) => {
    expect(metric.id).toBe(id);
  });

  it('shares no id with what the trainer logs', () => {
    expect(Object.keys(METRICS).filter((id) => id in LOGGED)).toEqual([]);
  });

  it.each(Object.entries({ ...METRICS, ...LOGGED }))('documents %s', (_id, metric) => {
    expect(metric.title.length).toBeGreaterThan(0);
    expect(metric.help).toMatch(/^[A-Z].*\.$/);
    expect(metric.chart in CHARTS).toBe(true);
  });

  it('states the tolerance where it matters', () => {
    expect(METRICS['updated_fraction/bf16'].title).toContain('1e-5');
    expect(METRICS['updated_fraction/bf16'].help).toContain('1e-5');
  });
});
