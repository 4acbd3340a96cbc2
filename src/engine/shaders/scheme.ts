/**
 * How the threads of a workgroup work: each alone, with its tile in registers, or together, with operands and sums in
 * workgroup memory. Software adapters are up to three times faster with the first and graphics cards may be with the
 * second, so it is measured (`engine/tune`). Both sum in the same order, so that the choice changes no bit.
 */
export type Scheme = 'registers' | 'workgroup';

export const SCHEMES = ['registers', 'workgroup'] as const satisfies readonly Scheme[];
