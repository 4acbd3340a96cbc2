/** Every world that the lab offers. */
import type { World } from '../core/world';
import { bins } from './bins';
import { file } from './file';
import { sums } from './sums';

export const WORLDS = { bins, sums, file } as const satisfies Record<string, World>;
