/** Code that a spec file brings. It runs in this process, so only where it was allowed by name, and never for long. */
import { createContext, Script } from 'node:vm';
import type { Catalogue, ObjectiveEntry, RewardEntry } from '../core/catalogue';
import { RunFailure } from '../core/events';
import type { OwnKind, OwnSource } from '../core/own';
import { checkOwn } from '../trainer/own-check';
import { type Guard, installGuard } from '../trainer/own-guard';
import { UsageError } from './usage';

/** A call into such code takes at most this long, as on the page. */
const LIMIT_MS = 1800;

/**
 * The catalogue with what the code in a spec file declares.
 * @param input the file as it was read
 * @throws UsageError where there is code and it was not allowed, or where it cannot be used
 */
export function withOwnCode(input: unknown, available: Catalogue, allowed: boolean): Catalogue {
  const sources = sourcesIn(input);
  if (sources.length === 0) return available;
  if (!allowed) {
    const names = sources.map(({ id }) => id).join(', ');
    throw new UsageError(`The spec holds code of its own (${names}). Read it, then run it with --allow-code.`);
  }
  installGuard(limited);
  const entries = sources.map((own) => ({ ...own, entry: checked(own) }));
  const of = (wanted: OwnKind) => entries.flatMap(({ kind, id, entry }) => (kind === wanted ? [{ ...entry, id }] : []));
  return {
    ...available,
    objectives: [...available.objectives, ...(of('objective') as ObjectiveEntry[])],
    rewards: [...available.rewards, ...(of('reward') as RewardEntry[])],
  };
}

function checked({ kind, id, source }: OwnSource): ObjectiveEntry | RewardEntry {
  const { errors, entry } = checkOwn(kind, source);
  if (entry !== null) return entry;
  throw new UsageError(errors.map(({ line, column, message }) => `${id}:${line}:${column} ${message}`).join('\n'));
}

/** What brings its source, in a file that need not be a spec yet. */
function sourcesIn(input: unknown): OwnSource[] {
  const { stages } = fields(input);
  if (!Array.isArray(stages)) return [];
  return stages.map(fields).flatMap(({ objective, reward, rewards }) => {
    const scored = [reward, ...(Array.isArray(rewards) ? rewards : [])];
    return [...taken('objective', [objective]), ...taken('reward', scored)];
  });
}

const taken = (kind: OwnKind, choices: readonly unknown[]): OwnSource[] =>
  choices.map(fields).flatMap(({ id, source }) => (typeof id === 'string' && typeof source === 'string' ? [{ kind, id, source }] : []));

const fields = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const context = createContext({ call: (): unknown => undefined });
const script = new Script('call()');

/** Ends a call that takes too long: Node interrupts a script, whatever it calls. */
const limited: Guard = <T>(call: () => T): T => {
  context.call = call;
  try {
    return script.runInContext(context, { timeout: LIMIT_MS }) as T;
  } catch (error) {
    if ((error as { code?: unknown } | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new RunFailure(
      'own-code',
      `Your code was still running after ${LIMIT_MS / 1000} seconds and was ended: it may loop without an end.`,
    );
  }
};
