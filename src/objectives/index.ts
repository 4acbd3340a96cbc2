/** The objectives. To add one: its file, and a line here. */
import { bestOfNObjective } from './best-of-n';
import { dpo } from './dpo';
import { grpo } from './grpo';
import type { Objective } from './objective';
import { reinforce } from './reinforce';
import { rlag } from './rlag';
import { sft } from './sft';

export const OBJECTIVES = {
  sft,
  'best-of-n': bestOfNObjective,
  dpo,
  grpo,
  reinforce,
  rlag,
} as const satisfies Record<string, Objective>;

export type ObjectiveId = keyof typeof OBJECTIVES;
