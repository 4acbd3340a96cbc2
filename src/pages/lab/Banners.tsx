/** What is wrong with the device, the storage or the run on show, and what to do about it. */
import { Button } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import { lab, useLab } from '../../store/index';
import { splitMessage } from '../../store/path';
import { adviceFor, canResume, failureInWords } from '../../store/run';
import { Banner } from '../../ui/Banner';
import { sentence } from '../../ui/NumberField';
import { Storage } from './KeepBar';
import { storageDialog } from './keep';
import { useProgress } from './useProgress';

export const Banners = memo(function Banners(): ReactElement {
  return (
    <div>
      <EngineBanner />
      <DeviceBanner />
      <RunBanner />
      <InterruptedBanner />
      <Storage />
      <StorageBanner />
    </div>
  );
});

function EngineBanner(): ReactElement | null {
  const engine = useLab((state) => state.engine);
  const starting = useLab((state) => state.catalogue === null);
  const resumable = useLab((state) => {
    const run = state.activeId === null ? undefined : state.runs[state.activeId];
    return run !== undefined && canResume(run);
  });
  if (engine.phase !== 'failed') return null;
  return (
    <Banner
      tone="bad"
      testId="banner"
      action={
        <Button size="compact-sm" onClick={lab.restart}>
          {resumable ? 'Go on from the last checkpoint' : 'Start again'}
        </Button>
      }
    >
      <strong>{starting ? 'The worker did not start' : failureInWords(engine.kind)}.</strong> {sentence(engine.message)}{' '}
      {starting ? 'Reloading the page may help; so may a newer browser.' : adviceFor(engine.kind)}
    </Banner>
  );
}

const WHAT_TO_DO =
  'WebGPU comes with Chrome and Edge 113 or newer, Safari 26 or newer, and Firefox 141 or newer on Windows. Where the browser has it but the GPU is blocked, chrome://flags/#enable-unsafe-webgpu turns it on.';

function DeviceBanner(): ReactElement | null {
  const device = useLab((state) => (state.engine.phase === 'failed' ? null : state.device));
  if (device === null || (device.backend === 'webgpu' && !device.software)) return null;
  if (device.backend === 'webgpu') {
    return (
      <Banner tone="note" testId="banner">
        WebGPU runs in software here ({device.name}), so training is slow. Everything works; on a real GPU it is faster by far.
      </Banner>
    );
  }
  const where = device.backend === 'wasm' ? 'in WebAssembly on the processor' : 'on the processor';
  return (
    <Banner tone="note" testId="banner">
      <strong>No WebGPU.</strong> {device.fallbackReason} The lab trains {where} instead, more slowly; every control works. {WHAT_TO_DO}
    </Banner>
  );
}

function RunBanner(): ReactElement | null {
  const run = useLab((state) => (state.activeId === null ? state.preview : (state.runs[state.activeId] ?? null)));
  const engineFailed = useLab((state) => state.engine.phase === 'failed');
  if (engineFailed || run === null || run.state !== 'failed' || run.failure === null) return null;
  return (
    <Banner
      tone="bad"
      testId="run-banner"
      action={
        canResume(run) && run.name !== '' ? (
          <Button size="compact-sm" onClick={() => lab.resume(run.id)}>
            Go on from the last checkpoint
          </Button>
        ) : undefined
      }
    >
      <strong>{failureInWords(run.failure.kind)}.</strong> {sentence(splitMessage(run.failure.message).what)} {adviceFor(run.failure.kind)}
    </Banner>
  );
}

/** A run that the last visit ended in the middle of: what of it is kept, and the way on. */
function InterruptedBanner(): ReactElement | null {
  const run = useLab((state) => (state.activeId === null ? null : (state.runs[state.activeId] ?? null)));
  const ready = useLab((state) => state.engine.phase === 'ready');
  const drawn = useProgress(run?.id ?? null, run?.totalSteps ?? 0).step;
  if (!ready || run === null || run.state !== 'interrupted' || run.imported !== undefined) return null;
  const { checkpointStep } = run;
  return (
    <Banner
      key={run.id}
      tone="note"
      testId="interrupted-banner"
      action={
        canResume(run) ? (
          <Button size="compact-sm" onClick={() => lab.resume(run.id)}>
            Go on from step {checkpointStep}
          </Button>
        ) : undefined
      }
    >
      <strong>{run.name} was interrupted</strong> when the page closed. Its curves are kept up to step {drawn}
      {drawn === checkpointStep ? '.' : '; what came in the last second before may be missing.'}{' '}
      {checkpointStep === null
        ? 'It has no checkpoint to go on from.'
        : 'Going on from the last checkpoint gives the same numbers as if it had never stopped.'}
    </Banner>
  );
}

function StorageBanner(): ReactElement | null {
  const storage = useLab((state) => state.storage);
  if (storage === 'full') {
    return (
      <Banner
        tone="note"
        testId="storage-banner"
        action={
          <Button size="compact-sm" variant="default" onClick={() => storageDialog.set(true)}>
            Make room
          </Button>
        }
      >
        The browser has no room left to keep runs. Nothing is lost while this page is open, but a reload forgets what came last. It is tried
        again every few seconds.
      </Banner>
    );
  }
  if (storage === 'unavailable') {
    return (
      <Banner tone="note">
        This browser window keeps nothing: runs are forgotten when the page closes. A private window may be the reason.
      </Banner>
    );
  }
  return null;
}
