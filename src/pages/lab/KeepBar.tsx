/** Out and in: bundles, tables, the report, and what the browser keeps. */
import { ActionIcon, Menu } from '@mantine/core';
import { lazy, type ReactElement, Suspense, useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { shownIds } from '../../store/exports';
import { formatBytes, plural } from '../../store/format';
import { lab, useLab } from '../../store/index';
import { Icon } from '../../ui/icons';
import uiClasses from '../../ui/ui.module.css';
import { BundleInput } from './BundleInput';
import { reporting, saveBundle, saveMetrics, storageDialog } from './keep';
import classes from './storage.module.css';

const StorageDialog = lazy(() => import('./StorageDialog'));
const LabReport = lazy(() => import('./LabReport'));

/** Opens bundles, and saves the runs on show or all of them. */
export function KeepMenu(): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  const all = useLab((state) => state.order.length);
  const shown = useLab(() => shownIds(lab).length);
  const making = useSyncExternalStore(reporting.subscribe, reporting.get);
  return (
    <>
      <BundleInput ref={input} testId="bundle-input" />
      <ActionIcon
        variant="subtle"
        size="sm"
        aria-label="Open a bundle of runs"
        title="Open a bundle"
        onClick={() => input.current?.click()}
      >
        <Icon name="file" size={14} />
      </ActionIcon>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" size="sm" aria-label="Save runs" title="Save runs" data-testid="save-runs">
            <Icon name="download" size={14} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{plural(shown, 'run')} on show</Menu.Label>
          <Menu.Item disabled={shown === 0} onClick={() => void saveBundle(shownIds(lab))}>
            Bundle, with checkpoints
          </Menu.Item>
          <Menu.Item disabled={shown === 0} onClick={() => void saveMetrics(shownIds(lab), 'csv')}>
            Metrics as CSV
          </Menu.Item>
          <Menu.Item disabled={shown === 0} onClick={() => void saveMetrics(shownIds(lab), 'jsonl')}>
            Metrics as JSON Lines
          </Menu.Item>
          <Menu.Item disabled={shown === 0 || making} onClick={() => reporting.set(true)}>
            Report, a page to print
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item disabled={all === 0} onClick={() => void saveBundle(lab.store.getState().order)}>
            {all === 1 ? 'Bundle of the one run' : `Bundle of all ${plural(all, 'run')}`}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item onClick={() => storageDialog.set(true)}>Storage</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {making ? (
        <Suspense>
          <LabReport onDone={() => reporting.set(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** A line under the runs: how much the browser keeps, and the way to the dialog. */
export function StorageLine(): ReactElement {
  const [usage, setUsage] = useState<number | null>(null);
  useEffect(() => {
    let here = true;
    const look = async (): Promise<void> => {
      const estimate = await navigator.storage?.estimate?.().catch(() => undefined);
      if (here) setUsage(estimate?.usage ?? null);
    };
    void look();
    const stop = lab.store.subscribe((state, before) => {
      if (state.order.length !== before.order.length || state.storage !== before.storage) void look();
    });
    const stopToo = storageDialog.subscribe(() => void look());
    return () => {
      here = false;
      stop();
      stopToo();
    };
  }, []);
  return (
    <div className={classes.foot}>
      <button type="button" className={uiClasses.link} data-testid="storage" onClick={() => storageDialog.set(true)}>
        {usage === null ? 'Storage' : `${formatBytes(usage)} kept in this browser`}
      </button>
    </div>
  );
}

/** The dialog, wherever it is asked for. */
export function Storage(): ReactElement | null {
  const open = useSyncExternalStore(storageDialog.subscribe, storageDialog.get);
  return open ? (
    <Suspense>
      <StorageDialog onClose={() => storageDialog.set(false)} />
    </Suspense>
  ) : null;
}
