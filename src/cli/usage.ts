/** A command that was called wrongly: exit status 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A whole number of at least `min` from the command line. @throws UsageError naming the option. */
export function wholeNumber(value: string | undefined, option: string, min: number): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  if (!Number.isInteger(number) || number < min) throw new UsageError(`--${option}: expected a whole number from ${min}; got ${value}`);
  return number;
}
