import { describe, expect, it } from 'vitest';
import { WORKLOADS } from '../core/bench';
import { parseBench } from './bench';
import { UsageError } from './usage';

describe('the arguments of bench', () => {
  it('are all workloads in five rounds unless others are named', () => {
    expect(parseBench([])).toEqual({ workloads: WORKLOADS, rounds: 5, json: false, growth: false, endurance: false });
    expect(parseBench(['--workload', 'rollout-2x64', '--workload', 'train-2x64', '--rounds', '3', '--json', '--growth'])).toEqual({
      workloads: ['train-2x64', 'rollout-2x64'],
      rounds: 3,
      json: true,
      growth: true,
      endurance: false,
    });
    expect(parseBench(['--device', 'webgpu', '--endurance']).endurance).toBe(true);
  });

  it.each([
    [['--workload', 'train'], `--workload: expected one of ${WORKLOADS.join(', ')}; got train`],
    [['--device', 'wasm'], 'expected webgpu; got wasm'],
    [['--rounds', '2'], '--rounds: expected a whole number from 3; got 2'],
    [['--what'], '--what'],
    [['train-2x64'], 'train-2x64'],
  ])('%j is refused with a sentence', (argv, sentence) => {
    expect(() => parseBench(argv)).toThrow(UsageError);
    expect(() => parseBench(argv)).toThrow(sentence);
  });
});
