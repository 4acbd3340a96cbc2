import { parseArgs } from 'node:util';
import { catalogue } from '../trainer/catalogue';
import { experiments } from './experiments';
import { UsageError } from './usage';

/** Prints what there is. */
export async function list(argv: readonly string[]): Promise<number> {
  let json = false;
  try {
    json = parseArgs({ args: [...argv], options: { json: { type: 'boolean' } } }).values.json ?? false;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { worlds, policies, objectives, rewards } = catalogue();
  const sections = {
    experiments: experiments().map(({ id, title, arms }) => ({ id, title, arms: Object.keys(arms) })),
    worlds: worlds.map(({ id, title }) => ({ id, title })),
    policies: policies.map(({ id, title }) => ({ id, title })),
    objectives: objectives.map(({ id, title }) => ({ id, title })),
    rewards: rewards.map(({ id, title }) => ({ id, title })),
  };
  if (json) {
    process.stdout.write(`${JSON.stringify(sections, null, 2)}\n`);
    return 0;
  }
  for (const [name, entries] of Object.entries(sections)) {
    process.stdout.write(`${name}\n`);
    for (const entry of entries)
      process.stdout.write(`  ${entry.id.padEnd(24)} ${entry.title}${'arms' in entry ? ` (${entry.arms.join(', ')})` : ''}\n`);
  }
  return 0;
}
