/** The objectives. To add one: its file, and a line here. */

import { apo_down } from './apo_down';
import { apo_zero } from './apo_zero';
import { awr } from './awr';
import { bco } from './bco';
import { bco_pair } from './bco_pair';
import { bestOfNObjective } from './best-of-n';
import { cdpo } from './cdpo';
import { cpo } from './cpo';
import { dapo } from './dapo';
import { dft } from './dft';
import { discopop } from './discopop';
import { distillation } from './distillation';
import { dpo } from './dpo';
import { drGrpo } from './dr-grpo';
import { exo_pair } from './exo_pair';
import { gate } from './gate';
import { gateQ10 } from './gate-q10';
import { grpo } from './grpo';
import { gspo } from './gspo';
import { hinge } from './hinge';
import { ipo } from './ipo';
import { ipo_sum } from './ipo_sum';
import { kto } from './kto';
import { mara } from './mara';
import { nashMd } from './nash-md';
import { nca_pair } from './nca_pair';
import type { Objective } from './objective';
import { onlineDpo } from './online-dpo';
import { onlineIpo } from './online-ipo';
import { orpo } from './orpo';
import { passAtK } from './pass-at-k';
import { ppo } from './ppo';
import { prefFt } from './pref-ft';
import { reinforce } from './reinforce';
import { rewardModel } from './reward-model';
import { rewardModelEurus } from './reward-model-eurus';
import { rlag } from './rlag';
import { rloo } from './rloo';
import { robust } from './robust';
import { rpo } from './rpo';
import { rwr } from './rwr';
import { sami } from './sami';
import { sami_sum } from './sami_sum';
import { sft } from './sft';
import { sigmoid_norm } from './sigmoid_norm';
import { simpo } from './simpo';
import { sppo_hard } from './sppo_hard';
import { xpo } from './xpo';

export const OBJECTIVES = {
  sft,
  'best-of-n': bestOfNObjective,
  dft,
  'pref-ft': prefFt,
  rwr,
  awr,
  dpo,
  cdpo,
  robust,
  hinge,
  ipo,
  ipo_sum,
  sigmoid_norm,
  exo_pair,
  nca_pair,
  bco_pair,
  sppo_hard,
  apo_zero,
  apo_down,
  discopop,
  rpo,
  simpo,
  cpo,
  orpo,
  gate,
  'gate-q10': gateQ10,
  kto,
  bco,
  'reward-model': rewardModel,
  'reward-model-eurus': rewardModelEurus,
  sami,
  sami_sum,
  reinforce,
  rloo,
  grpo,
  dapo,
  'dr-grpo': drGrpo,
  gspo,
  ppo,
  'pass-at-k': passAtK,
  mara,
  distillation,
  'online-dpo': onlineDpo,
  'online-ipo': onlineIpo,
  xpo,
  'nash-md': nashMd,
  rlag,
} as const satisfies Record<string, Objective>;

export type ObjectiveId = keyof typeof OBJECTIVES;
