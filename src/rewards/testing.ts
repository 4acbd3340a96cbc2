/** What the tests of rewards share. */
import type { Facts } from '../core/reward';

/** For rewards that ask no model. */
export const NO_FACTS: Facts = { logp: [], refLogp: [], models: [] };
