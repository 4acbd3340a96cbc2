/** How far a run is, told at most ten times a second. */
import { useCallback, useState } from 'react';
import { useDrawing } from '../../charts/useDrawing';
import { etaSeconds, rateOf } from '../../store/eta';
import { lab } from '../../store/index';

export interface Progress {
  readonly step: number;
  readonly stage: number;
  /** Steps per second; null while unknown. */
  readonly rate: number | null;
  /** Seconds; null while unknown. */
  readonly eta: number | null;
}

const NONE: Progress = { step: 0, stage: 0, rate: null, eta: null };

export function useProgress(runId: string | null, total: number): Progress {
  const [progress, setProgress] = useState(NONE);
  const draw = useCallback(() => {
    const recording = runId === null ? undefined : lab.recordings.get(runId);
    if (recording === undefined) {
      setProgress(NONE);
      return;
    }
    const { step, stage, meter } = recording;
    setProgress({ step, stage, rate: rateOf(meter), eta: etaSeconds(meter, total) });
  }, [runId, total]);
  useDrawing(lab.recordings, runId === null ? [] : [runId], draw);
  return progress;
}
