import type { Experiment } from '../core/experiment';

const FILES: Readonly<Record<string, Experiment>> = import.meta.glob('../experiments/*.ts', { import: 'default', eager: true });

/** Every experiment, in order. */
export const experiments = (): Experiment[] => Object.values(FILES).sort((a, b) => a.order - b.order);
