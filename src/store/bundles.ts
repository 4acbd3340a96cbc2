/** Runs out of the lab as one file, and back in: each comes back with its curves, its samples and its checkpoint. */
import type { Checkpoint } from '../core/events';
import type { Bundle, BundleRun } from '../data/bundle';
import { LARGEST_FILE } from '../data/bundle-format';
import type { Engine } from './engine';
import type { Files } from './files';
import type { Library } from './library';
import { accentOf } from './palette';
import { createRecording, type Recording, type Recordings } from './recording';
import { type Run, reviveRun } from './run';
import type { Saver } from './saver';
import { appendBlock, copyBlock } from './series';
import { addNotice, type LabStore, removeNotice } from './state';
import { createTurn } from './turn';

export interface Bundles {
  /** The runs as one file with its name; null where none of them is listed. Says which checkpoints had to stay behind. */
  write(runIds: readonly string[]): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> } | null>;
  /** Lists the runs of a bundle, and looks at the first; a file that cannot be used gets a sentence. */
  open(file: File): Promise<void>;
}

export interface BundlesNeeds {
  readonly store: LabStore;
  readonly recordings: Recordings;
  readonly saver: () => Saver;
  readonly engine: Pick<Engine, 'checkpoint' | 'adopt'>;
  readonly library: Pick<Library, 'look' | 'setVisible'>;
  readonly files: Pick<Files, 'adopt' | 'of'>;
  /** Brings a run's recording into memory. */
  readonly load: (runId: string) => Promise<void>;
  /** A new run id; ids sort by time. */
  readonly newId: () => string;
}

/** Checkpoints that a bundle holds together; the rest of the runs is small. */
const CHECKPOINT_BYTES = 0.8 * LARGEST_FILE;
/** Imported runs that are drawn at once. */
const SHOWN = 8;

export function createBundles(needs: BundlesNeeds): Bundles {
  const { store, recordings, saver, engine, library, files, load, newId } = needs;

  const collect = async (runId: string): Promise<BundleRun | null> => {
    await load(runId);
    const run = store.getState().runs[runId];
    if (run === undefined) return null;
    const checkpoint = run.checkpointStep === null ? null : await engine.checkpoint(runId);
    const recording = recordings.get(runId) ?? createRecording();
    const file = await files.of(run.spec);
    const { device } = store.getState();
    const { BUILD } = await import('../data/bundle');
    return {
      about: {
        id: run.imported?.id ?? run.id,
        name: run.name,
        note: run.note ?? null,
        colour: { index: run.accent, name: accentOf(run.accent).name },
        ...{ origin: run.origin, state: run.state, failure: run.failure, spec: run.spec },
        ...{ totalSteps: run.totalSteps, parameters: run.parameters },
        step: recording.step,
        stage: recording.stage,
        device: { name: run.device, backend: device?.name === run.device ? device.backend : (run.imported?.backend ?? null) },
        created: new Date(run.imported?.createdAt ?? run.createdAt).toISOString(),
        lab: BUILD,
        dataset: file === null ? null : { id: file.id, name: file.file?.name ?? '', included: file.file !== null },
      },
      // The run may go on while this is written.
      series: copyBlock(recording.series, 0, recording.series.length),
      samples: recording.samples.items,
      distributions: recording.distributions.items,
      diagnoses: recording.diagnoses.items,
      slices: recording.slices,
      checkpoint,
      dataset: file?.file === null || file === null ? null : new Uint8Array(file.file.bytes),
    };
  };

  /** The run that a bundle's run is, where it is listed already and has come no further in the bundle. */
  const known = ({ about }: BundleRun): Run | undefined =>
    Object.values(store.getState().runs).find(
      (run) =>
        (run.id === about.id || run.imported?.id === about.id) &&
        JSON.stringify(run.spec) === JSON.stringify(about.spec) &&
        (recordings.get(run.id)?.step ?? run.lastStep ?? 0) >= about.step,
    );

  const list = async (bundled: BundleRun, lab: string, visible: boolean): Promise<string> => {
    const { about, checkpoint } = bundled;
    const id = newId();
    const taken = new Set(Object.values(store.getState().runs).map(({ name }) => name));
    const run: Run = reviveRun({
      id,
      name: freeName(about.name.trim().slice(0, 60) || 'run', taken),
      accent: about.colour.index,
      ...{ spec: about.spec, origin: about.origin, state: about.state, failure: about.failure },
      ...{ totalSteps: about.totalSteps, parameters: about.parameters },
      device: about.device.name,
      createdAt: Date.now(),
      visible,
      checkpointStep: null,
      lastStep: about.step,
      ...(about.note === null ? {} : { note: about.note.slice(0, 2000) }),
      imported: { id: about.id, createdAt: Date.parse(about.created), lab, backend: about.device.backend },
    });
    recordings.set(id, recordingOf(bundled));
    store.setState((state) => ({ runs: { ...state.runs, [id]: run }, order: [...state.order, id] }));
    saver().touch(id, 'run');
    saver().touch(id, 'recording');
    if (checkpoint !== null) engine.adopt(id, checkpoint);
    if (about.dataset !== null && bundled.dataset !== null) {
      await files.adopt(about.dataset.id, { name: about.dataset.name, bytes: bundled.dataset.slice().buffer });
    }
    return id;
  };

  const listAll = async (bundle: Bundle, lab: string): Promise<void> => {
    const fresh = bundle.runs.filter((run) => known(run) === undefined);
    const here = bundle.runs.flatMap((run) => known(run) ?? []);
    // What is drawn together has one world.
    const world = (fresh[0]?.about ?? here[0])?.spec.world.id;
    for (const run of Object.values(store.getState().runs)) {
      if (run.visible && run.pinned !== true && run.spec.world.id !== world) library.setVisible(run.id, false);
    }
    const ids: string[] = [];
    for (const [i, run] of fresh.entries()) ids.push(await list(run, lab, i < SHOWN && run.about.spec.world.id === world));
    const first = ids[0] ?? here[0]?.id;
    if (first !== undefined) library.look(first);
    addNotice(
      store,
      openedInWords(
        ids.map((id) => store.getState().runs[id]?.name ?? ''),
        here,
      ),
    );
    await saver().flush();
  };

  return {
    async write(runIds) {
      const busy = addNotice(store, runIds.length === 1 ? 'Writing the bundle.' : `Writing a bundle of ${runIds.length} runs.`);
      try {
        const runs: BundleRun[] = [];
        let checkpoints = 0;
        const left: string[] = [];
        for (const id of runIds) {
          const run = await collect(id);
          if (run === null) continue;
          checkpoints += sizeOf(run.checkpoint);
          const tooMuch = checkpoints > CHECKPOINT_BYTES;
          if (tooMuch) left.push(run.about.name);
          runs.push(tooMuch ? { ...run, checkpoint: null } : run);
        }
        const [first] = runs;
        if (first === undefined) return null;
        const { slug, writeBundle } = await import('../data/bundle');
        const bytes = await writeBundle(runs, new Date(), createTurn());
        if (left.length > 0)
          addNotice(store, `There was no room in the bundle for the checkpoint of ${left.join(', ')}; all else is in it.`);
        return { name: `${runs.length === 1 ? slug(first.about.name) : `${runs.length}-runs`}.zip`, bytes };
      } finally {
        removeNotice(store, busy);
      }
    },
    async open(file) {
      if (file.size > LARGEST_FILE) {
        addNotice(
          store,
          `${file.name} has ${Math.round(file.size / 1e6)} MB; bundles are opened up to ${Math.round(LARGEST_FILE / 1e6)} MB.`,
        );
        return;
      }
      const busy = addNotice(store, `Reading ${file.name}.`);
      const { BundleError, buildInWords, readBundle } = await import('../data/bundle');
      try {
        const bundle = await readBundle(new Uint8Array(await file.arrayBuffer()), createTurn());
        await listAll(bundle, buildInWords(bundle.lab));
      } catch (error) {
        const why = error instanceof BundleError ? error.message : 'The browser could not read the file. It may have been moved.';
        addNotice(store, `${file.name} was not opened, and nothing was changed. ${why}`);
      } finally {
        removeNotice(store, busy);
      }
    },
  };
}

const sizeOf = (checkpoint: Checkpoint | null): number => (checkpoint === null ? 0 : 5 * checkpoint.theta.byteLength);

function openedInWords(names: readonly string[], here: readonly Run[]): string {
  const [first] = names;
  const listed = names.length === 0 ? '' : names.length === 1 ? `${first} was opened.` : `${names.length} runs were opened.`;
  const already =
    here.length === 0
      ? ''
      : here.length === 1
        ? `${here[0]?.name} is on the list already.`
        : `${here.length} runs are on the list already.`;
  return [listed, already].filter(Boolean).join(' ');
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let again = 2; taken.has(free); again++) free = `${name} ${again}`;
  return free;
}

/** The run's curves and frames as the page keeps them. */
export function recordingOf({ about, series, samples, distributions, diagnoses, slices }: BundleRun): Recording {
  const recording = createRecording();
  appendBlock(recording.series, series);
  recording.samples.items = [...samples];
  recording.distributions.items = [...distributions];
  recording.diagnoses.items = [...diagnoses];
  recording.slices = slices;
  recording.step = about.step;
  recording.stage = about.stage;
  return recording;
}
