/** A run for tests: finished, on show, and of nothing in particular. */
import type { RunSpec } from '../core/spec';
import type { Run } from './run';

export const finishedRun = (id: string, spec: RunSpec, fields: Partial<Run> = {}): Run => ({
  id,
  name: id,
  accent: 0,
  spec,
  origin: null,
  state: 'finished',
  failure: null,
  totalSteps: 200,
  parameters: null,
  device: '',
  createdAt: 0,
  visible: true,
  checkpointStep: null,
  ...fields,
});
