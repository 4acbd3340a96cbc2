/** The entries of the charts, once for all of them. Pointing at one, or going to it with the keyboard, makes its lines stand out. */
import { type ReactElement, useSyncExternalStore } from 'react';
import { highlight } from '../charts/crosshair';
import type { Entry } from '../charts/lines';
import { Marker } from '../charts/Marker';
import { accentOf } from '../store/palette';
import classes from './controls.module.css';
import uiClasses from './ui.module.css';

export function ChartLegend({ entries }: { entries: readonly Entry[] }): ReactElement {
  const lit = useSyncExternalStore(highlight.subscribe, highlight.get);
  const stand = (id: string | null) => () => highlight.set(id);
  return (
    <ul className={classes.legend} aria-label="Legend">
      {entries.map(({ id, name, accent, runs }) => (
        <li key={id}>
          <button
            type="button"
            data-lit={lit === id || undefined}
            onPointerEnter={stand(id)}
            onPointerLeave={stand(null)}
            onFocus={stand(id)}
            onBlur={stand(null)}
          >
            <Marker accent={accentOf(accent)} size={10} /> {name === '' ? 'this setup' : name}
            {runs.length > 1 ? <span className={uiClasses.unit}>{runs.length} seeds</span> : null}
          </button>
        </li>
      ))}
    </ul>
  );
}
