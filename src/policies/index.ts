import { categorical } from './categorical';
import { gpt } from './gpt';
import { mlp } from './mlp';
import type { PolicyKind } from './policy';

/** Every policy, by id. A new one is a file in this folder and a line here. */
export const POLICIES = { categorical, mlp, gpt } as const satisfies Record<string, PolicyKind>;

export type PolicyId = keyof typeof POLICIES;
