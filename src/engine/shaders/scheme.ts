/**
 * How the threads of a workgroup work: each alone, with its tile in registers; together, with operands and sums in workgroup
 * memory; or together with the lanes of a row adding up through their subgroup, where the device has them. Software
 * adapters are up to three times faster with the first and graphics cards may be with the others, so it is measured
 * (`engine/tune`). All sum in the same order, so that the choice changes no bit.
 */
const SCHEMES = ['registers', 'workgroup', 'subgroup'] as const;

export type Scheme = (typeof SCHEMES)[number];

/** The schemes of a device. */
export const schemesOf = ({ features }: GPUDevice): Scheme[] =>
  SCHEMES.filter((scheme) => scheme !== 'subgroup' || features.has('subgroups'));

/** What differs with the scheme, for all of them. */
export const inEveryScheme = <T>(make: (scheme: Scheme) => T): Record<Scheme, T> => ({
  registers: make('registers'),
  workgroup: make('workgroup'),
  subgroup: make('subgroup'),
});
