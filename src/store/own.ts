/** What a reader does with objectives and rewards of their own: copy, type, check, keep, use, rename, delete. */
import type { Catalogue, ObjectiveEntry, RewardEntry } from '../core/catalogue';
import { OWN, type OwnChecked, type OwnKind } from '../core/own';
import type { Setup } from './draft';
import { draftOf, freeName, isComplete, isUntouched, type OwnDraft, placesOf, putEntry, withOwn, wordOf } from './own-drafts';
import { setAt } from './path';
import type { Saver } from './saver';
import { addNotice, type LabState, type LabStore, removeNotice } from './state';

const UNDO_MS = 10_000;

export interface Own {
  /** Opens the editor on a new copy of an entry, for a place in the setup such as `stages[0].objective`. */
  copy(kind: OwnKind, entry: ObjectiveEntry | RewardEntry, place: string): void;
  open(id: string, place: string): void;
  close(): void;
  /** Keeps a source as it was typed. */
  type(id: string, source: string): void;
  /**
   * Takes in code that came with a link and has not run, as a draft under a free name; the same code keeps the name that it has.
   * Returns the id that it goes by here.
   */
  adopt(draft: OwnDraft): string;
  /** What the worker says of a source; null where there is no worker at work, and of code that came with a link until it is allowed. */
  check(kind: OwnKind, source: string): Promise<OwnChecked | null>;
  /** Keeps a checked source as the version that stages use; those that use the draft take it over. */
  keep(id: string, source: string, entry: ObjectiveEntry | RewardEntry): void;
  /** Puts the kept version in a place of the setup. */
  use(id: string, place: string): void;
  /** Gives another name, with a number behind it where it is taken; returns the new id. */
  rename(id: string, name: string): string;
  /** Deletes a draft; for ten seconds it can be brought back. Stages that use it go back to what it was copied from. */
  remove(id: string): void;
  /** The worker's catalogue with the sound drafts in it. */
  merged(catalogue: Catalogue): Catalogue;
  /** Puts restored drafts into the catalogue, and has the worker say anew what they are. */
  revive(): void;
}

export interface OwnNeeds {
  readonly store: LabStore;
  readonly saver: () => Saver;
  readonly ask: (kind: OwnKind, source: string) => Promise<OwnChecked | null>;
  readonly change: (step: (setup: Setup) => Setup) => void;
  /** Lets the worker run a source: the reader wrote it. */
  readonly allow: (source: string) => void;
  readonly isAllowed: (source: string) => boolean;
}

export function createOwn({ store, saver, ask, change, allow, isAllowed }: OwnNeeds): Own {
  const get = store.getState;
  /** What the worker itself can do. */
  let builtIn: Catalogue | null = null;

  const find = (id: string): OwnDraft | undefined => get().drafts.find((draft) => draft.id === id);

  /** Drafts whose stored entries have all that this build of the lab asks of an entry. */
  const merge = (catalogue: Catalogue, drafts: readonly OwnDraft[]): Catalogue => {
    const example = { objective: catalogue.objectives[0], reward: catalogue.rewards[0] };
    const whole = drafts.filter(({ kind, sound }) => sound !== null && isComplete(sound.entry, example[kind]));
    return withOwn(catalogue, whole);
  };

  /** The drafts, the catalogue and what else has to change with them at once: nothing may look up an entry that is gone. */
  const setDrafts = (drafts: readonly OwnDraft[], rest: Partial<LabState> = {}): void => {
    store.setState({ drafts, ...(builtIn === null ? {} : { catalogue: merge(builtIn, drafts) }), ...rest });
    saver().setting('drafts', drafts);
  };
  const replace = (id: string, by: OwnDraft, rest: Partial<LabState> = {}): void =>
    setDrafts(
      get().drafts.map((draft) => (draft.id === id ? by : draft)),
      rest,
    );

  const putInPlaces = (setup: Setup, id: string, put: string): Setup => {
    const { catalogue } = get();
    if (catalogue === null) return setup;
    return placesOf(setup.draft, id).reduce((next, place) => putEntry(next, place, put, catalogue), setup);
  };

  const keep = (id: string, source: string, entry: ObjectiveEntry | RewardEntry): void => {
    const draft = find(id);
    if (draft === undefined) return;
    const renewed = draft.sound?.source !== source;
    replace(id, { ...draft, sound: { source, entry } });
    if (renewed) allow(source);
    if (renewed && isUsed(id)) change((setup) => putInPlaces(setup, id, id));
  };
  const isUsed = (id: string): boolean => {
    const { setup } = get();
    return setup !== null && placesOf(setup.draft, id).length > 0;
  };

  return {
    copy(kind, entry, place) {
      const draft = draftOf(kind, entry, get().drafts);
      setDrafts([...get().drafts, draft]);
      store.setState({ editing: { id: draft.id, place } });
    },
    open(id, place) {
      if (find(id) !== undefined) store.setState({ editing: { id, place } });
    },
    close() {
      const draft = find(get().editing?.id ?? '');
      store.setState({ editing: null });
      // A copy that nobody has touched would only fill the list.
      if (draft !== undefined && isUntouched(draft)) setDrafts(get().drafts.filter((other) => other !== draft));
    },
    type(id, source) {
      const drafts = get().drafts.map((draft) => (draft.id === id ? { ...draft, source } : draft));
      store.setState({ drafts });
      saver().setting('drafts', drafts);
    },
    adopt(draft) {
      const known = get().drafts.find(({ kind, sound }) => kind === draft.kind && sound?.source === draft.sound?.source);
      if (known !== undefined) return known.id;
      const name = freeName(draft.name, get().drafts);
      const taken = { ...draft, name, id: OWN + wordOf(name) };
      setDrafts([...get().drafts, taken]);
      return taken.id;
    },
    check(kind, source) {
      const strange = get().drafts.some(({ sound }) => sound?.source === source) && !isAllowed(source);
      return strange ? Promise.resolve(null) : ask(kind, source);
    },
    keep,
    use(id, place) {
      const { catalogue } = get();
      const draft = find(id);
      if (catalogue === null || draft === undefined || draft.sound === null) return;
      change((setup) => putEntry(setup, place, id, catalogue));
    },
    rename(id, name) {
      const draft = find(id);
      const typed = name.trim().slice(0, 60);
      if (draft === undefined || typed === '' || typed === draft.name) return id;
      const free = freeName(
        typed,
        get().drafts.filter((other) => other.id !== id),
      );
      const renamed = { ...draft, name: free, id: OWN + wordOf(free) };
      const { setup, editing } = get();
      replace(id, renamed, {
        setup: setup === null ? null : withId(setup, id, renamed.id),
        editing: editing?.id === id ? { ...editing, id: renamed.id } : editing,
      });
      // The spec has another id in it now.
      change((present) => present);
      return renamed.id;
    },
    remove(id) {
      const draft = find(id);
      if (draft === undefined) return;
      const before = get().setup;
      if (get().editing?.id === id) store.setState({ editing: null });
      if (isUsed(id)) change((setup) => putInPlaces(setup, id, baseOf(draft)));
      const after = get().setup;
      setDrafts(get().drafts.filter((other) => other.id !== id));
      const forGood = setTimeout(() => removeNotice(store, notice), UNDO_MS);
      const notice = addNotice(store, `${draft.name} was deleted.`, {
        label: 'Undo',
        run: () => {
          clearTimeout(forGood);
          removeNotice(store, notice);
          const name = freeName(draft.name, get().drafts);
          setDrafts([...get().drafts, { ...draft, name, id: OWN + wordOf(name) }]);
          if (before !== null && get().setup === after && name === draft.name) change(() => before);
        },
      });
    },
    merged(catalogue) {
      builtIn = catalogue;
      return merge(catalogue, get().drafts);
    },
    revive() {
      if (builtIn === null) return;
      store.setState({ catalogue: merge(builtIn, get().drafts) });
      for (const { id, kind, sound } of get().drafts) {
        if (sound === null || !isAllowed(sound.source)) continue;
        void ask(kind, sound.source).then((checked) => {
          const draft = find(id);
          if (checked?.entry && draft?.sound?.source === sound.source) replace(id, { ...draft, sound: { ...sound, entry: checked.entry } });
        });
      }
    },
  };

  /** What a draft was copied from, or the first of its kind where that is gone. */
  function baseOf({ kind, base }: OwnDraft): string {
    const { catalogue } = get();
    const entries = (kind === 'objective' ? catalogue?.objectives : catalogue?.rewards) ?? [];
    return entries.some((entry) => entry.id === base) ? base : (entries[0]?.id ?? base);
  }
}

/** A setup that calls an own entry by another id. */
function withId(setup: Setup, id: string, to: string): Setup {
  return placesOf(setup.draft, id).reduce(
    ({ draft, baseline, ...rest }, place) => ({
      ...rest,
      draft: setAt(draft, `${place}.id`, to),
      baseline: setAt(baseline, `${place}.id`, to),
    }),
    setup,
  );
}
