/** Finding an entry of a long list by its name, its id or what it does. */

export interface Searchable {
  readonly id: string;
  readonly title: string;
  readonly summary?: string;
  readonly group?: string;
}

export interface Group<E> {
  /** '' for entries of none. */
  readonly name: string;
  readonly entries: readonly E[];
}

/** Entries that hold every word of the query, in their groups: what is called so before what only mentions it. */
export function searchEntries<E extends Searchable>(entries: readonly E[], query: string): Group<E>[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = entries
    .map((entry, place) => ({ entry, place, rank: rankOf(entry, words) }))
    .filter(({ rank }) => rank !== null)
    .sort((a, b) => (a.rank as number) - (b.rank as number) || a.place - b.place)
    .map(({ entry }) => entry);
  // A group stands where its best entry does; without a query that is the order of the entries.
  const names = [...new Set(found.map(({ group = '' }) => group))];
  return names.map((name) => ({ name, entries: found.filter(({ group = '' }) => group === name) }));
}

/** 0 for an entry of that very name, more for what says it less plainly; null where a word is not in it. */
function rankOf({ id, title, summary = '', group = '' }: Searchable, words: readonly string[]): number | null {
  if (words.length === 0) return 0;
  const [name, all] = [`${title} ${id}`.toLowerCase(), `${title} ${id} ${summary} ${group}`.toLowerCase()];
  if (!words.every((word) => all.includes(word))) return null;
  const query = words.join(' ');
  if (id.toLowerCase() === query || title.toLowerCase() === query) return 0;
  if (id.toLowerCase().startsWith(query) || title.toLowerCase().startsWith(query)) return 1;
  return words.every((word) => name.includes(word)) ? 2 : 3;
}
