/** `run --bundle`: keeps all that runs say and come to, and writes it as one bundle. */
import { readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Checkpoint, type RunEvent, RunFailure } from '../core/events';
import { type RunSpec, totalSteps } from '../core/spec';
import type { WorldContext } from '../core/world';
import { BUILD, type BundleRun, writeBundle } from '../data/bundle';
import { createWitness } from '../data/bundle-record';
import type { TrainingRun } from '../trainer/run';
import type { DeviceInfo } from '../worker/protocol';

/** One run as it goes on. */
export interface Kept {
  /** Takes an event in; with the last one, the checkpoint. */
  take(event: RunEvent, training: TrainingRun): Promise<void>;
  /** @param failure null where the run came to its end */
  end(failure: unknown): void;
}

export interface Keeper {
  keep(arm: string, spec: RunSpec): Kept;
  write(path: string): Promise<void>;
}

export interface KeeperOptions {
  readonly device: DeviceInfo;
  readonly context: WorldContext;
  /** The experiment that is run, and whether its arms were changed; null for a spec file. */
  readonly experiment: { readonly id: string; readonly edited: boolean } | null;
}

export function createKeeper({ device, context, experiment }: KeeperOptions): Keeper {
  const runs: BundleRun[] = [];
  const datasets = new Map<string, Promise<Uint8Array>>();
  const arms: string[] = [];
  const began = new Date();

  /** The file world names a file here by its path, and everywhere else by its content. */
  const fileOf = (spec: RunSpec) => {
    const path = spec.world.id === 'file' ? String(spec.world.params.dataset) : null;
    const dataset = path === null ? undefined : context.dataset(path);
    if (path === null || dataset === undefined) return null;
    if (!datasets.has(path)) datasets.set(path, readFile(path));
    return { path, about: { id: dataset.id, name: basename(path), included: true } };
  };

  return {
    keep(arm, spec) {
      const witness = createWitness();
      const file = fileOf(spec);
      const portable = file === null ? spec : withDataset(spec, file.path, file.about.id);
      if (!arms.includes(arm)) arms.push(arm);
      let checkpoint: Checkpoint | null = null;
      let parameters: number | null = null;
      const kept = { id: `${began.getTime().toString(36)}-cli${runs.length.toString(36)}`, index: runs.length };
      const summary = (failure: unknown): BundleRun => {
        const { step, stage } = witness.last();
        return {
          about: {
            id: kept.id,
            name: `${arm}-seed-${spec.seed}`,
            note: null,
            colour: { index: arms.indexOf(arm), name: null },
            origin: experiment === null ? null : { experiment: experiment.id, arm, edited: experiment.edited },
            state: failure === null ? 'finished' : 'failed',
            failure: failure === null ? null : failureOf(failure),
            spec: portable,
            totalSteps: totalSteps(spec),
            ...{ step, stage, parameters },
            device: { name: device.name, backend: device.backend },
            created: began.toISOString(),
            lab: BUILD,
            dataset: file === null ? null : file.about,
          },
          series: witness.series(),
          samples: witness.samples,
          distributions: witness.distributions,
          diagnoses: witness.diagnoses,
          slices: witness.slices(),
          checkpoint,
          dataset: null,
        };
      };
      runs.push(summary(null));
      return {
        async take(event, training) {
          witness.take(event);
          if (event.type === 'started') parameters = event.parameters;
          if (event.type === 'finished') checkpoint = { ...(await training.checkpoint()), spec: portable };
        },
        end(failure) {
          runs[kept.index] = summary(failure);
        },
      };
    },
    async write(path) {
      const read = new Map<string, Uint8Array>();
      for (const [name, bytes] of datasets) read.set(context.dataset(name)?.id ?? '', await bytes);
      const whole = runs.map((run) => ({ ...run, dataset: read.get(run.about.dataset?.id ?? '') ?? null }));
      await writeFile(path, await writeBundle(whole, new Date()));
      process.stderr.write(`Bundle in ${path}\n`);
    },
  };
}

function withDataset(spec: RunSpec, path: string, id: string): RunSpec {
  const renamed = <P extends RunSpec['world']['params']>(params: P): P => (params.dataset === path ? { ...params, dataset: id } : params);
  return {
    ...spec,
    world: { ...spec.world, params: renamed(spec.world.params) },
    stages: spec.stages.map((stage) => ({ ...stage, world: stage.world === null ? null : renamed(stage.world) })),
  };
}

const failureOf = (failure: unknown): BundleRun['about']['failure'] => ({
  kind: failure instanceof RunFailure ? failure.kind : 'internal',
  message: failure instanceof Error ? failure.message : String(failure),
});
