/** The objectives. To add one: its file, and a line here. */

import { a2po } from './a2po';
import { alphapo } from './alphapo';
import { aot } from './aot';
import { aot_unpaired } from './aot_unpaired';
import { apo_down } from './apo_down';
import { apo_zero } from './apo_zero';
import { apo_zero_unpaired } from './apo_zero_unpaired';
import { awr } from './awr';
import { bco } from './bco';
import { bco_pair } from './bco_pair';
import { bestOfNObjective } from './best-of-n';
import { cdpo } from './cdpo';
import { cispo } from './cispo';
import { clipCov } from './clip-cov';
import { cpo } from './cpo';
import { cpo_hinge } from './cpo_hinge';
import { cpo_ipo } from './cpo_ipo';
import { dapo } from './dapo';
import { dft } from './dft';
import { discopop } from './discopop';
import { distillation } from './distillation';
import { dpo } from './dpo';
import { dpo_alpha_divergence } from './dpo_alpha_divergence';
import { dpo_forward_kl } from './dpo_forward_kl';
import { dpo_js_divergence } from './dpo_js_divergence';
import { drGrpo } from './dr-grpo';
import { exo_pair } from './exo_pair';
import { gate } from './gate';
import { gateQ10 } from './gate-q10';
import { gmpo } from './gmpo';
import { gpg } from './gpg';
import { grpo } from './grpo';
import { grpoPassk } from './grpo-passk';
import { gspo } from './gspo';
import { gspoToken } from './gspo-token';
import { hinge } from './hinge';
import { ipo } from './ipo';
import { ipo_sum } from './ipo_sum';
import { iwOpd } from './iw-opd';
import { klCov } from './kl-cov';
import { kto } from './kto';
import { ld_dpo } from './ld_dpo';
import { luspo } from './luspo';
import { mara } from './mara';
import { nashMd } from './nash-md';
import { nca_pair } from './nca_pair';
import type { Objective } from './objective';
import { onlineDpo } from './online-dpo';
import { onlineIpo } from './online-ipo';
import { opo } from './opo';
import { orpo } from './orpo';
import { passAtK } from './pass-at-k';
import { ppo } from './ppo';
import { ppoDualClip } from './ppo-dual-clip';
import { prefFt } from './pref-ft';
import { reinforce } from './reinforce';
import { reinforcePp } from './reinforce-pp';
import { reinforcePpBaseline } from './reinforce-pp-baseline';
import { remax } from './remax';
import { rewardModel } from './reward-model';
import { rewardModelEurus } from './reward-model-eurus';
import { rlag } from './rlag';
import { rloo } from './rloo';
import { robust } from './robust';
import { rpo } from './rpo';
import { rwr } from './rwr';
import { sami } from './sami';
import { sami_sum } from './sami_sum';
import { sapo } from './sapo';
import { sft } from './sft';
import { sigmoid_norm } from './sigmoid_norm';
import { simpo } from './simpo';
import { sppo_hard } from './sppo_hard';
import { vespo } from './vespo';
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
  dpo_forward_kl,
  dpo_js_divergence,
  dpo_alpha_divergence,
  aot,
  aot_unpaired,
  ld_dpo,
  rpo,
  simpo,
  alphapo,
  cpo,
  cpo_hinge,
  cpo_ipo,
  orpo,
  gate,
  'gate-q10': gateQ10,
  kto,
  bco,
  apo_zero_unpaired,
  'reward-model': rewardModel,
  'reward-model-eurus': rewardModelEurus,
  sami,
  sami_sum,
  reinforce,
  'reinforce-pp': reinforcePp,
  'reinforce-pp-baseline': reinforcePpBaseline,
  rloo,
  remax,
  opo,
  gpg,
  grpo,
  dapo,
  'dr-grpo': drGrpo,
  gspo,
  'gspo-token': gspoToken,
  luspo,
  gmpo,
  cispo,
  sapo,
  vespo,
  'clip-cov': clipCov,
  'kl-cov': klCov,
  ppo,
  'ppo-dual-clip': ppoDualClip,
  'pass-at-k': passAtK,
  'grpo-passk': grpoPassk,
  mara,
  a2po,
  distillation,
  'iw-opd': iwOpd,
  'online-dpo': onlineDpo,
  'online-ipo': onlineIpo,
  xpo,
  'nash-md': nashMd,
  rlag,
} as const satisfies Record<string, Objective>;

export type ObjectiveId = keyof typeof OBJECTIVES;
