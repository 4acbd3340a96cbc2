/** Runs that a link asks for and that are not in this browser: which, and what to do about it. */
import { type ReactElement, useRef } from 'react';
import { plural } from '../../store/format';
import { type LinkedArm, linkView, useLinkView } from '../../store/link-view';
import { useView } from '../../store/views';
import controls from '../../ui/controls.module.css';
import { BundleInput } from '../lab/BundleInput';
import classes from './compare.module.css';

/** Arms that are listed one by one. */
const LISTED = 6;

export function MissingRuns(): ReactElement | null {
  const missing = useLinkView((view) => view.missing);
  const { base } = useView('compare');
  const input = useRef<HTMLInputElement>(null);
  if (missing.length === 0) return null;
  const runs = missing.reduce((sum, { seeds }) => sum + seeds.length, 0);
  return (
    <section className={classes.missing} aria-label="Runs of the link that are not here" data-testid="compare-missing">
      <p role="status">
        <strong>{runs === 1 ? 'One run of this link is' : `${runs} runs of this link are`} not in this browser.</strong> A link names its
        runs and does not carry them.
      </p>
      <ul>
        {missing.slice(0, LISTED).map((arm) => (
          <li key={arm.arm}>
            {inWords(arm)}
            {arm.arm === base ? ', which the others are held against' : ''}
          </li>
        ))}
        {missing.length > LISTED ? <li>{plural(missing.length - LISTED, 'more arm')}</li> : null}
      </ul>
      <p>
        Open the bundle that whoever sent the link has saved, here or by dropping the file on the page; or train the same settings with
        these seeds. They take their place as they come.
      </p>
      <div className={classes.titleButtons}>
        <BundleInput ref={input} testId="compare-bundle-input" />
        <button type="button" className={controls.control} onClick={() => input.current?.click()}>
          Open a bundle
        </button>
        <button type="button" className={controls.control} onClick={() => linkView.setState({ missing: [] })}>
          Do without
        </button>
      </div>
    </section>
  );
}

/** An arm by its name, with its seeds. */
function inWords({ arm, seeds, title }: LinkedArm): string {
  const [last = 0, ...others] = seeds.toReversed();
  const listed = others.length === 0 ? `seed ${last}` : `seeds ${others.toReversed().join(', ')} and ${last}`;
  return `${title === '' ? `An arm without a name (${arm})` : title}, ${listed}`;
}
