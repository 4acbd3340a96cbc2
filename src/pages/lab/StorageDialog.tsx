/** What the browser keeps for the lab, run by run, and how to let go of some of it. */
import { Button, Modal } from '@mantine/core';
import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { Marker } from '../../charts/Marker';
import { formatBytes } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { accentOf } from '../../store/palette';
import type { StorageReport } from '../../store/storage';
import uiClasses from '../../ui/ui.module.css';
import classes from './storage.module.css';

/** Runs that are listed before the others are asked for. */
const LISTED = 12;

export default function StorageDialog({ onClose }: { onClose: () => void }): ReactElement {
  const [report, setReport] = useState<StorageReport | null | undefined>(undefined);
  const [failed, setFailed] = useState(false);
  const state = useLab(({ storage }) => storage);
  const read = useCallback(async (): Promise<void> => {
    try {
      setReport(await lab.storage.report());
    } catch {
      setFailed(true);
    }
  }, []);
  useEffect(() => void read(), [read]);
  /** Does something about the storage and looks again. */
  const act = (work: () => Promise<unknown>) => async (): Promise<void> => {
    try {
      await work();
    } catch {
      setFailed(true);
    }
    await read();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title="Storage"
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
      classNames={{ body: classes.body as string }}
    >
      {failed ? (
        <p className={uiClasses.error}>The browser refused to look into its storage, or to change it. Reloading the page may help.</p>
      ) : null}
      {report === undefined ? <p className={uiClasses.note}>Measuring what is kept.</p> : null}
      {report === null ? (
        <p>This window keeps nothing: runs are forgotten when the page closes. What is worth keeping can be saved as a bundle.</p>
      ) : null}
      {report === undefined || report === null ? null : (
        <>
          <Usage report={report} full={state === 'full'} onPersist={act(() => lab.storage.persist())} />
          <Freeable report={report} act={act} />
          <RunSizes report={report} act={act} />
        </>
      )}
    </Modal>
  );
}

interface PartProps {
  readonly report: StorageReport;
  readonly act: (work: () => Promise<unknown>) => () => Promise<void>;
}

function Usage({ report, full, onPersist }: { report: StorageReport; full: boolean; onPersist: () => void }): ReactElement {
  const { usage, quota, persisted } = report;
  const share = usage === null || quota === null || quota === 0 ? null : usage / quota;
  return (
    <section aria-label="In all">
      <p className={classes.total}>
        {usage === null ? 'The browser does not say how much is used.' : `${formatBytes(usage)} used`}
        {quota === null ? '' : ` of ${formatBytes(quota)} that the browser allows`}
      </p>
      {share === null ? null : (
        <div className={classes.meter} aria-hidden="true">
          <span style={{ width: `${Math.min(100, 100 * share)}%` }} data-full={share > 0.9 || undefined} />
        </div>
      )}
      {full ? (
        <p className={uiClasses.error}>
          There was no room for the last changes. They are tried again once something is freed: here, by deleting runs from the list, or on
          the disk itself. What is worth keeping can be saved as a bundle first.
        </p>
      ) : null}
      <p className={uiClasses.note}>
        Where room runs out, the lab lets go of the oldest checkpoints first, but for those of runs in progress or on show, then of what is
        left of deleted runs. Curves and samples stay.
      </p>
      {persisted === true ? (
        <p className={uiClasses.note}>The browser has promised not to clear this by itself.</p>
      ) : persisted === false ? (
        <p className={classes.row}>
          <span>The browser may clear this by itself when the disk runs full.</span>
          <Button size="compact-sm" variant="default" onClick={onPersist}>
            Ask it not to
          </Button>
        </p>
      ) : null}
    </section>
  );
}

function Freeable({ report, act }: PartProps): ReactElement | null {
  const { runs, files, remnants } = report;
  const checkpoints = runs.filter(({ checkpoint, free }) => checkpoint > 0 && free);
  const bytes = checkpoints.reduce((sum, { checkpoint }) => sum + checkpoint, 0);
  const unused = files.filter(({ used }) => !used);
  const items: [string, number, () => Promise<void>][] = [
    [
      checkpoints.length === 1 ? 'The checkpoint of 1 run' : `The checkpoints of ${checkpoints.length} runs`,
      bytes,
      act(() => lab.storage.freeCheckpoints(checkpoints.map(({ id }) => id))),
    ],
    ['What is left of deleted runs', remnants.bytes, act(() => lab.storage.freeRemnants(remnants.ids))],
    [
      unused.length === 1 ? `The file ${unused[0]?.name}, which no run uses` : `${unused.length} files that no run uses`,
      unused.reduce((sum, file) => sum + file.bytes, 0),
      act(() => lab.storage.freeFiles(unused.map(({ id }) => id))),
    ],
  ];
  const there = items.filter(([, size]) => size > 0);
  if (there.length === 0) return null;
  return (
    <section aria-label="What can be freed">
      <h3 className={classes.heading}>Can be freed</h3>
      <ul className={classes.list}>
        {there.map(([words, size, free]) => (
          <li key={words} className={classes.row}>
            <span>
              {words} <span className={classes.size}>{formatBytes(size)}</span>
            </span>
            <Button size="compact-sm" variant="default" onClick={free} aria-label={`Free: ${words}`}>
              Free
            </Button>
          </li>
        ))}
      </ul>
      <p className={uiClasses.note}>A run without its checkpoint keeps its curves; it can be trained anew, but not gone on with.</p>
    </section>
  );
}

function RunSizes({ report, act }: PartProps): ReactElement {
  const runs = useLab((state) => state.runs);
  const [all, setAll] = useState(false);
  const listed = report.runs.filter(({ id }) => runs[id] !== undefined);
  const shown = all ? listed : listed.slice(0, LISTED);
  return (
    <section aria-label="By run">
      <h3 className={classes.heading}>By run</h3>
      {listed.length === 0 ? <p className={uiClasses.note}>Nothing yet: each run adds its curves, samples and a checkpoint.</p> : null}
      {listed.length === 0 ? null : (
        <div className={classes.scroll}>
          <table className={classes.table} data-testid="storage-runs">
            <thead>
              <tr>
                <th scope="col">Run</th>
                <th scope="col">Curves and samples</th>
                <th scope="col">Checkpoint</th>
                <th scope="col">
                  <span className={classes.hidden}>Free</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map(({ id, curves, checkpoint, free }) => {
                const run = runs[id];
                return run === undefined ? null : (
                  <tr key={id}>
                    <th scope="row">
                      <span className={classes.name}>
                        <Marker accent={accentOf(run.accent)} size={10} /> {run.name}
                      </span>
                    </th>
                    <td className={classes.size}>{formatBytes(curves)}</td>
                    <td className={classes.size}>{checkpoint === 0 ? 'none' : formatBytes(checkpoint)}</td>
                    <td>
                      {checkpoint === 0 || !free ? null : (
                        <button
                          type="button"
                          className={uiClasses.link}
                          aria-label={`Free the checkpoint of ${run.name}`}
                          onClick={act(() => lab.storage.freeCheckpoints([id]))}
                        >
                          Free
                        </button>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      {listed.length > LISTED ? (
        <button type="button" className={uiClasses.link} onClick={() => setAll(!all)}>
          {all ? 'Only the largest' : `${listed.length - LISTED} more`}
        </button>
      ) : null}
    </section>
  );
}
