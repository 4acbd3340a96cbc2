/** The bench: setup, behaviour and charts, runs, and the strip that drives them; tabs where there is no room. */
import { useMediaQuery } from '@mantine/hooks';
import { lazy, type ReactElement, type ReactNode, type RefObject, Suspense, useEffect, useState } from 'react';
import { useLab } from '../../store/index';
import { Banners } from './Banners';
import { Behaviour } from './Behaviour';
import { Below } from './Below';
import { takeAll } from './KeepBar';
import classes from './lab.module.css';
import { Runs } from './Runs';
import { Setup } from './Setup';
import { Tabs } from './Tabs';
import { Transport } from './Transport';
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
  const middle = (
    <div className={`${classes.middle} ${classes.stack}`}>
      <Behaviour />
      <Warnings />
      <Below />
    </div>
  );
  if (layout === 'wide') {
    return (
      <div className={classes.bench} data-layout="wide">
        <div className={`${classes.side} ${classes.sideLeft}`}>
          <Setup searchRef={searchRef} />
        </div>
        {middle}
        <div className={`${classes.side} ${classes.sideRight}`}>
          <Runs />
        </div>
      </div>
    );
  }
  return (
    <div className={classes.bench} data-layout="medium">
      <div className={`${classes.side} ${classes.sideLeft}`}>
        <Tabs tabs={{ Setup: <Setup searchRef={searchRef} />, Runs: <Runs /> }} />
      </div>
      {middle}
    </div>
  );
}

function Narrow({ searchRef }: { searchRef: RefObject<HTMLInputElement | null> }): ReactElement {
  const padded = (content: ReactNode): ReactNode => <div className={classes.stack}>{content}</div>;
  return (
    <div className={classes.narrow}>
      <Tabs
        opens="Behaviour"
        tabs={{
          Setup: <Setup searchRef={searchRef} />,
          Behaviour: padded(
            <>
              <Behaviour />
              <Warnings />
            </>,
          ),
          Charts: padded(<Below />),
          Runs: <Runs />,
        }}
      />
    </div>
  );
}

/** A file dropped anywhere is read, instead of replacing the page. */
function useDroppedFiles(): void {
  const [stop] = useState(() => (event: DragEvent) => event.preventDefault());
  useEffect(() => {
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      void takeAll([...(event.dataTransfer?.files ?? [])]);
    };
    window.addEventListener('dragover', stop);
    window.addEventListener('drop', drop);
    return () => {
      window.removeEventListener('dragover', stop);
      window.removeEventListener('drop', drop);
    };
  }, [stop]);
}
