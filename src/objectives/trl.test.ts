import { describe, expect, it } from 'vitest';
import cases from './fixtures/trl.json';
import { OBJECTIVES } from './index';
import type { Objective } from './objective';
import { advantagesOf, batchOf, evaluate } from './testing';

// Recorded by scripts/oracle/trl_losses.py from TRL 1.13.0 in float64; float32 keeps about six digits of each.
const NAMED: Readonly<Record<string, Objective>> = OBJECTIVES;
const spread = (advantages: readonly number[], mask: number[][]) => mask.map((row, i) => row.map((m) => m * (advantages[i] as number)));
const near = (expected: readonly number[]) => expected.map((value) => expect.closeTo(value, 5));

describe.each(cases.map((recorded, i) => ({ ...recorded, name: `${i}: ${recorded.objective} ${JSON.stringify(recorded.params)}` })))(
  'TRL $name',
  (recorded) => {
    const objective = NAMED[recorded.objective] as Objective;
    const { params } = recorded;
    const batch = batchOf(objective.data, {
      ...recorded,
      refLogp: objective.needsReference(params as never) ? recorded.refLogp : null,
      advantages: spread(recorded.advantages ?? recorded.rewards, recorded.mask),
    });

    if (recorded.advantages !== null) {
      it('gives the same advantages', () => {
        expect(advantagesOf(objective, batch, params)).toEqual(batch.advantages.map(near));
      });
    }

    it('gives the same gradient, loss and metrics', () => {
      const { loss, gradient, diagnostics } = evaluate(objective, batch, params);
      expect(gradient).toEqual(recorded.gradient.map(near));
      // On fresh samples RLOO's loss is the mean advantage, a constant: it has REINFORCE's gradient and another value.
      if (recorded.objective !== 'reinforce') expect(loss).toBeCloseTo(recorded.loss, 5);
      for (const [id, value] of Object.entries(recorded.metrics)) expect(diagnostics[id]).toBeCloseTo(value as number, 5);
    });
  },
);
