/** A small catalogue for tests of the store: two worlds, two policies, three objectives, two rewards. */
import type { Catalogue } from '../core/catalogue';
import { number, text } from '../core/params';

const beta = number({ title: 'beta', help: 'Strength of the reference.', default: 0.1, min: 0, max: 10 });

export const CATALOGUE: Catalogue = {
  worlds: [
    {
      id: 'bins',
      title: 'Bins',
      summary: 'A histogram.',
      params: { bins: number({ title: 'Bins', help: 'How many.', default: 100, min: 2, max: 1000, integer: true }) },
      policies: ['categorical', 'mlp'],
      rewards: ['world'],
      suggested: { stages: [{ objective: 'grpo', training: { lr: 0.05 } }] },
      provides: [],
    },
    {
      id: 'sums',
      title: 'Sums',
      summary: 'Arithmetic.',
      params: { dataset: text({ title: 'File', help: 'A file.', default: '' }) },
      policies: ['mlp'],
      rewards: ['world', 'exact'],
      suggested: { policy: { width: 64 }, stages: [{ objective: 'sft' }] },
      provides: ['demonstrations', 'preferences'],
    },
  ],
  policies: [
    { id: 'categorical', title: 'Table of logits', summary: '', params: {} },
    {
      id: 'mlp',
      title: 'Small network',
      summary: '',
      params: { width: number({ title: 'Width', help: '', default: 32, min: 1, max: 512, integer: true }) },
    },
  ],
  objectives: [
    {
      id: 'sft',
      title: 'SFT',
      summary: '',
      params: {},
      data: 'demonstrations',
      family: 'supervised',
      samplesOnly: false,
      formula: '',
      diagnostics: {},
      source: '',
    },
    {
      id: 'dpo',
      title: 'DPO',
      summary: '',
      params: { beta },
      data: 'preferences',
      family: 'preference',
      samplesOnly: false,
      formula: '',
      diagnostics: {},
      source: '',
    },
    {
      id: 'grpo',
      title: 'GRPO',
      summary: '',
      params: { beta },
      data: 'rollouts',
      family: 'online',
      samplesOnly: false,
      formula: '',
      diagnostics: { kl: { title: 'KL', help: '', chart: 'kl' } },
      source: '',
    },
  ],
  rewards: [
    { id: 'world', title: 'The world’s own', summary: '', params: {}, source: '', code: '', parts: {} },
    { id: 'exact', title: 'Exact match', summary: '', params: {}, source: '', code: '', parts: {} },
  ],
  metrics: {
    loss: { title: 'Loss', help: '', chart: 'loss' },
    reward: { title: 'Reward', help: '', chart: 'reward' },
    kl: { title: 'KL', help: '', chart: 'kl' },
  },
};
