/** The page: header, the open page, notices, keys. */
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { lazy, type ReactElement, Suspense, useEffect, useMemo, useRef, useState } from 'react';
import { LabPage } from '../pages/lab/LabPage';
import { lab, useLab } from '../store/index';
import { useHidden, useLinkView } from '../store/link-view';
import { Notices } from '../ui/Notices';
import classes from './app.module.css';
import { Header } from './Header';
import { UpdateNotice } from './offline/UpdateNotice';
import { type Place, usePlace } from './route';
import { type KeyMap, useKeys } from './useKeys';

const ExperimentsPage = lazy(() => import('../pages/experiments/ExperimentsPage'));
const ExperimentPage = lazy(() => import('../pages/experiments/ExperimentPage'));
const WorksheetPage = lazy(() => import('../pages/experiments/WorksheetPage'));
const EmbedPage = lazy(() => import('../pages/experiments/EmbedPage'));
const PresentPage = lazy(() => import('../pages/present/PresentPage'));
const NotesPage = lazy(() => import('../pages/present/NotesPage'));
const GuidePage = lazy(() => import('../pages/guide/GuidePage'));
const ComparePage = lazy(() => import('../pages/compare/ComparePage'));
const BenchPage = lazy(() => import('../pages/bench/BenchPage'));
const CodeReview = lazy(() => import('../ui/CodeReview'));
const HelpDialog = lazy(() => import('./HelpDialog'));
const ShareDialog = lazy(() => import('../ui/ShareDialog'));
const LinkNote = lazy(() => import('../ui/LinkNote'));

/** Pages that have the window for themselves. */
const BARE: ReadonlySet<string> = new Set(['present', 'notes']);

export function App(): ReactElement {
  const place = usePlace();
  const { route, id } = place;
  const searchRef = useRef<HTMLInputElement>(null);
  const [help, setHelp] = useState(false);
  const [share, setShare] = useState(false);
  const embed = useLinkView((view) => view.embed) && route === 'lab';
  const sharable = !useHidden('page.share');
  const settable = !useHidden('panel.setup') && !embed;
  const misread = useLinkView(({ problems }) => problems.length > 0);
  const bare = embed || BARE.has(route);
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
            ...(settable ? { 'Mod+z': lab.undo, 'Mod+Shift+z': lab.redo, 'Mod+y': lab.redo } : {}),
          }
        : {}),
      ...(route === 'experiment' ? { p: () => window.location.assign(`#/present/${id}`) } : {}),
      ...(sharable && !bare ? { s: () => setShare(true) } : {}),
      ...(bare ? {} : { c: () => window.location.assign('#/compare') }),
      '?': () => setHelp(true),
      t: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark'),
    }),
    [route, id, sharable, settable, bare, scheme, setColorScheme],
  );
  useKeys(keys);
  useReady();
  return (
    <div className={`${classes.app} ${bare ? classes.bare : ''}`}>
      {bare ? null : <Header route={route} onHelp={() => setHelp(true)} onShare={() => setShare(true)} />}
      {route === 'lab' && !embed ? (
        <LabPage searchRef={searchRef} />
      ) : (
        <Suspense fallback={<main />}>{embed ? <EmbedPage /> : <Page {...place} />}</Suspense>
      )}
      <Notices>{bare ? null : <UpdateNotice />}</Notices>
      {unread ? (
        <Suspense>
          <CodeReview />
        </Suspense>
      ) : null}
      {misread ? (
        <Suspense>
          <LinkNote />
        </Suspense>
      ) : null}
      {share ? (
        <Suspense>
          <ShareDialog onClose={() => setShare(false)} />
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

/** Any page but the lab itself. */
function Page({ route, id }: Place): ReactElement {
  switch (route) {
    case 'bench':
      return <BenchPage />;
    case 'compare':
      return <ComparePage />;
    case 'guide':
      return <GuidePage />;
    case 'experiment':
      return <ExperimentPage key={id} id={id} />;
    case 'worksheet':
      return <WorksheetPage key={id} id={id} />;
    case 'present':
      return <PresentPage key={id} id={id} />;
    case 'notes':
      return <NotesPage key={id} id={id} />;
    default:
      return <ExperimentsPage />;
  }
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
