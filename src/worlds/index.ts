/** Every world that the lab offers, the simplest first. */
import type { World } from '../core/world';
import { bins } from './bins';
import { facts } from './facts';
import { file } from './file';
import { principles } from './principles';
import { shop } from './shop';
import { sums } from './sums';

export const WORLDS = { bins, sums, facts, shop, principles, file } as const satisfies Record<string, World>;
