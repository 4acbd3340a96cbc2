/** The page: header, the open page, notices, keys. */
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { lazy, type ReactElement, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { LabPage } from '../pages/lab/LabPage';
import { lab, useLab } from '../store/index';
import { Notices } from '../ui/Notices';
import classes from './app.module.css';
import { Header } from './Header';
import { UpdateNotice } from './offline/UpdateNotice';
import { addressOf, useRoute } from './route';
import { type KeyMap, useKeys } from './useKeys';

const ExperimentsPage = lazy(() => import('../pages/ExperimentsPage'));
const ComparePage = lazy(() => import('../pages/compare/ComparePage'));
const BenchPage = lazy(() => import('../pages/bench/BenchPage'));
const CodeReview = lazy(() => import('../ui/CodeReview'));
const HelpDialog = lazy(() => import('./HelpDialog'));

export function App(): ReactElement {
  const route = useRoute();
  const searchRef = useRef<HTMLInputElement>(null);
  const [help, setHelp] = useState(false);
  const unread = useLab((state) => state.review !== null);
  const scheme = useComputedColorScheme('light');
  const { setColorScheme } = useMantineColorScheme();
  const keys = useMemo<KeyMap>(
    () => ({
      ...(route === 'lab'
        ? {
            ' ': trainOrPause,
            '.': lab.step,
            r: lab.reset,
            '/': () => searchRef.current?.focus(),
          }
        : {}),
      c: () => window.location.assign('#/compare'),
      '?': () => setHelp(true),
      t: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark'),
    }),
    [route, scheme, setColorScheme],
  );
  useKeys(keys);
  useReady();
  return (
    <div className={classes.app}>
      <Header route={route} onHelp={() => setHelp(true)} />
      {route === 'lab' ? (
        <LabPage searchRef={searchRef} />
      ) : (
        <Suspense fallback={<main />}>
          {route === 'bench' ? (
            <BenchPage />
          ) : route === 'compare' ? (
            <ComparePage />
          ) : (
            <ExperimentsPage labAddress={addressOf('lab')} />
          )}
        </Suspense>
      )}
      <Notices>
        <UpdateNotice />
      </Notices>
      {unread ? (
        <Suspense>
          <CodeReview />
        </Suspense>
      ) : null}
      {help ? (
        <Suspense>
          <HelpDialog onClose={() => setHelp(false)} />
        </Suspense>
      ) : null}
    </div>
  );
}

function trainOrPause(): void {
  const { activeId, runs } = lab.store.getState();
  const state = activeId === null ? undefined : runs[activeId]?.state;
  if (state === 'running' || state === 'preparing') lab.pause();
  else lab.train();
}

/** Marks the document once the worker has a device and the setup is loaded, for tests and for whoever drives the page. */
function useReady(): void {
  const ready = useLab((state) => state.engine.phase === 'ready' && state.setup !== null);
  useEffect(() => {
    document.documentElement.dataset.ready = String(ready);
  }, [ready]);
}
