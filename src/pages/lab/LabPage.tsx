/** The bench: setup, behaviour and charts, runs, and the strip that drives them; tabs where there is no room. */
import { useMediaQuery } from '@mantine/hooks';
import { lazy, type ReactElement, type ReactNode, type RefObject, Suspense, useState } from 'react';
import { useLab } from '../../store/index';
import { useLinkView } from '../../store/link-view';
import { Part } from '../../ui/Part';
import { Banners } from './Banners';
import { Behaviour } from './Behaviour';
import { Below } from './Below';
import classes from './lab.module.css';
import { Runs } from './Runs';
import { Setup } from './Setup';
import { Tabs } from './Tabs';
import { Transport } from './Transport';
import { useDroppedFiles } from './useDroppedFiles';
import { Warnings } from './Warnings';

const Editor = lazy(() => import('../../editor/Editor'));

export function LabPage({ searchRef }: { searchRef: RefObject<HTMLInputElement | null> }): ReactElement {
  const wide = useMediaQuery('(min-width: 1180px)', true, { getInitialValueInEffect: false });
  const narrow = useMediaQuery('(max-width: 719px)', false, { getInitialValueInEffect: false });
  useDroppedFiles();
  const layout = wide ? 'wide' : narrow ? 'narrow' : 'medium';
  return (
    <main className={classes.page}>
      <Banners />
      {layout === 'narrow' ? <Narrow searchRef={searchRef} /> : <Bench layout={layout} searchRef={searchRef} />}
      <Transport />
      <OwnEditor />
    </main>
  );
}

/** Fetched when it is first opened; it stays from then on, so that TypeScript starts once. */
function OwnEditor(): ReactElement | null {
  const editing = useLab((state) => state.editing !== null);
  const [wanted, setWanted] = useState(false);
  if (editing && !wanted) setWanted(true);
  return wanted ? (
    <Suspense>
      <Editor />
    </Suspense>
  ) : null;
}

function Bench({ layout, searchRef }: { layout: 'wide' | 'medium'; searchRef: RefObject<HTMLInputElement | null> }): ReactElement {
  const hidden = useLinkView(({ hide }) => hide);
  const setup = hidden.includes('panel.setup') ? null : <Setup searchRef={searchRef} />;
  const runs = hidden.includes('panel.runs') ? null : <Runs />;
  const left = layout === 'wide' ? setup : setup !== null && runs !== null ? <Tabs tabs={{ Setup: setup, Runs: runs }} /> : (setup ?? runs);
  const right = layout === 'wide' ? runs : null;
  return (
    <div className={classes.bench} data-layout={layout} data-left={left !== null} data-right={right !== null}>
      {left === null ? null : <div className={`${classes.side} ${classes.sideLeft}`}>{left}</div>}
      <div className={`${classes.middle} ${classes.stack}`}>
        <Part id="panel.behaviour">
          <Behaviour />
        </Part>
        <Warnings />
        <Part id="panel.charts">
          <Below />
        </Part>
      </div>
      {right === null ? null : <div className={`${classes.side} ${classes.sideRight}`}>{right}</div>}
    </div>
  );
}

function Narrow({ searchRef }: { searchRef: RefObject<HTMLInputElement | null> }): ReactElement {
  const hidden = useLinkView(({ hide }) => hide);
  const padded = (content: ReactNode): ReactNode => <div className={classes.stack}>{content}</div>;
  const tabs: Readonly<Record<string, ReactNode>> = {
    Setup: <Setup searchRef={searchRef} />,
    Behaviour: padded(
      <>
        <Behaviour />
        <Warnings />
      </>,
    ),
    Charts: padded(<Below />),
    Runs: <Runs />,
  };
  const shown = Object.entries(tabs).filter(([name]) => !hidden.includes(`panel.${name.toLowerCase()}`));
  return (
    <div className={classes.narrow}>
      <Tabs opens="Behaviour" tabs={Object.fromEntries(shown)} />
    </div>
  );
}
