import { describe, expect, it } from 'vitest';
import { type MetricsRun, metricsCsv, metricsJsonl } from './export-metrics';
import { reportHtml } from './export-report';

const run = (name: string, columns: Record<string, number[]>): MetricsRun => ({
  run: name,
  run_id: `id-${name}`,
  seed: 3,
  experiment: 'mode-seeking',
  arm: 'grpo',
  world: 'bins',
  objective: 'grpo',
  series: {
    steps: Float64Array.of(0, 10),
    columns: Object.fromEntries(Object.entries(columns).map(([id, values]) => [id, Float32Array.from(values)])),
  },
});
const RUNS = [run('a', { loss: [Number.NaN, 0.1], kl: [0.5, Number.NaN] }), run('b, c', { loss: [2, Number.POSITIVE_INFINITY] })];

describe('metrics of several runs', () => {
  it('are one CSV with all their columns', async () => {
    expect(await metricsCsv(RUNS, null)).toBe(
      [
        'run,run_id,seed,experiment,arm,world,objective,step,kl,loss',
        'a,id-a,3,mode-seeking,grpo,bins,grpo,0,0.5,',
        'a,id-a,3,mode-seeking,grpo,bins,grpo,10,,0.1',
        '"b, c","id-b, c",3,mode-seeking,grpo,bins,grpo,0,,2',
        '"b, c","id-b, c",3,mode-seeking,grpo,bins,grpo,10,,Infinity',
        '',
      ].join('\n'),
    );
  });

  it('are those of one chart where it is asked for, without rows that have none of them', async () => {
    expect((await metricsCsv(RUNS, ['kl', 'missing'])).split('\n').map((line) => line.split(',').slice(-2))).toEqual([
      ['step', 'kl'],
      ['0', '0.5'],
      [''],
    ]);
  });

  it('are JSON Lines without what was not measured', async () => {
    const lines = (await metricsJsonl(RUNS))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[1]).toEqual({ ...lines[1], run: 'a', step: 10, loss: 0.1 });
    expect(lines[1]).not.toHaveProperty('kl');
    expect(lines[3].loss).toBeNull();
    expect(await metricsJsonl([])).toBe('');
  });
});

describe('a report', () => {
  const html = reportHtml({
    title: '<script>alert(1)</script>',
    lead: 'a & b',
    sections: [
      {
        title: 'Runs',
        note: '"quoted"',
        table: { head: ['name', 'n'], rows: [['<img src=x onerror=alert(1)>', '1']], numeric: [1] },
        figures: [{ title: 'Reward "x"', svg: '<svg viewBox="0 0 1 1"></svg>' }],
        commands: ['lab run x > y'],
        details: [{ title: 'spec', text: '{"a": "</pre><script>"}' }],
      },
    ],
  });

  it('has nothing in it that could run, whatever runs are called', () => {
    expect(html).not.toMatch(/<script|<img/i);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(html).toContain('&quot;&lt;/pre&gt;&lt;script&gt;&quot;');
  });

  it('needs nothing from elsewhere', () => {
    expect(html).not.toMatch(/<[^>]*(src|href)=|url\(|@import/i);
    expect(html).toContain('<svg viewBox="0 0 1 1"></svg>');
    expect(html).toContain('class="n"');
  });
});
