/**
 * Parameters as data. A world, policy, objective or reward declares its parameters once; the same declaration draws
 * the control on the page, fills the default, and refuses a bad value with a sentence that names it.
 */

/** A finite number within [min, max]. */
export interface NumberParam {
  readonly kind: 'number';
  readonly title: string;
  readonly help: string;
  readonly default: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  /** How a slider should move: `log` for learning rates and the like. */
  readonly scale?: 'linear' | 'log';
  readonly integer?: boolean;
  readonly unit?: string;
}

/** One of a few named values. */
export interface ChoiceParam<V extends string = string> {
  readonly kind: 'choice';
  readonly title: string;
  readonly help: string;
  readonly default: V;
  readonly options: readonly { readonly value: V; readonly title: string }[];
}

/** On or off. */
export interface FlagParam {
  readonly kind: 'flag';
  readonly title: string;
  readonly help: string;
  readonly default: boolean;
}

/** A short string that the page fills in another way than by typing, such as the id of a loaded file. */
export interface TextParam {
  readonly kind: 'text';
  readonly title: string;
  readonly help: string;
  readonly default: string;
}

export type ParamSpec = NumberParam | ChoiceParam | FlagParam | TextParam;
export type ParamSpecs = Readonly<Record<string, ParamSpec>>;
export type ParamValue = number | string | boolean;
export type Params = Readonly<Record<string, ParamValue>>;

/** The value that one declaration admits; distributes, so that of `ParamSpec` is `ParamValue`. */
type ValueOf<P extends ParamSpec> = P extends NumberParam
  ? number
  : P extends FlagParam
    ? boolean
    : P extends ChoiceParam<infer V>
      ? V
      : string;

/** The values that a declaration admits: `{ beta: NumberParam }` becomes `{ beta: number }`. */
export type ValuesOf<S extends ParamSpecs> = { readonly [K in keyof S]: ValueOf<S[K]> };

/** Declares a number. */
export const number = (spec: Omit<NumberParam, 'kind'>): NumberParam => ({ kind: 'number', ...spec });

/** Declares a choice; the option values become the parameter's literal type. */
export const choice = <const V extends string>(spec: Omit<ChoiceParam<V>, 'kind'>): ChoiceParam<V> => ({
  kind: 'choice',
  ...spec,
});

/** Declares a flag. */
export const flag = (spec: Omit<FlagParam, 'kind'>): FlagParam => ({ kind: 'flag', ...spec });

/** Declares a text. */
export const text = (spec: Omit<TextParam, 'kind'>): TextParam => ({ kind: 'text', ...spec });

/** A setting that cannot be used. `where` is its path in the spec, such as `stages[0].training.lr`. */
export class SpecError extends Error {
  override readonly name = 'SpecError';
  constructor(
    readonly where: string,
    what: string,
  ) {
    super(where === '' ? what : `${where}: ${what}`);
  }
}

/** The default of every parameter. */
export function defaultsOf<S extends ParamSpecs>(specs: S): ValuesOf<S> {
  return Object.fromEntries(Object.entries(specs).map(([key, spec]) => [key, spec.default])) as ValuesOf<S>;
}

/**
 * Fills the defaults into `given` and checks every value.
 * @throws SpecError naming the parameter for an unknown key, a wrong type or a value out of range.
 */
export function resolveParams<S extends ParamSpecs>(specs: S, given: unknown, where: string): ValuesOf<S> {
  if (given !== undefined && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    throw new SpecError(where, 'expected an object of settings');
  }
  const values: Record<string, ParamValue> = { ...defaultsOf(specs) };
  for (const [key, value] of Object.entries(given ?? {})) {
    const spec = Object.hasOwn(specs, key) ? specs[key] : undefined;
    if (spec === undefined) {
      const known = Object.keys(specs).join(', ');
      throw new SpecError(`${where}.${key}`, `no such setting; known here: ${known === '' ? 'none' : known}`);
    }
    values[key] = checkParam(spec, value, `${where}.${key}`);
  }
  return values as ValuesOf<S>;
}

/** Checks one value against its declaration and returns it. */
export function checkParam(spec: ParamSpec, value: unknown, where: string): ParamValue {
  switch (spec.kind) {
    case 'number':
      return checkNumber(spec, value, where);
    case 'choice': {
      const match = spec.options.find((option) => option.value === value);
      if (match === undefined) {
        const known = spec.options.map((option) => option.value).join(', ');
        throw new SpecError(where, `expected one of ${known}; got ${JSON.stringify(value)}`);
      }
      return match.value;
    }
    case 'flag':
      if (typeof value !== 'boolean') throw new SpecError(where, `expected true or false; got ${JSON.stringify(value)}`);
      return value;
    case 'text':
      if (typeof value !== 'string') throw new SpecError(where, `expected a text; got ${JSON.stringify(value)}`);
      return value;
    default:
      return spec satisfies never;
  }
}

function checkNumber(spec: NumberParam, value: unknown, where: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new SpecError(where, `expected a finite number; got ${JSON.stringify(value)}`);
  }
  if (spec.integer === true && !Number.isInteger(value)) {
    throw new SpecError(where, `expected a whole number; got ${value}`);
  }
  if (value < spec.min || value > spec.max) {
    throw new SpecError(where, `expected a number from ${spec.min} to ${spec.max}; got ${value}`);
  }
  return value;
}
