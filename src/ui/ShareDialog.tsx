/** The page as a link: copied at once, with what is in it, what is to be hidden, and the code of a frame around it. */
import { Button, Modal } from '@mantine/core';
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { EXPERIMENTS } from '../store/experiments';
import { plural } from '../store/format';
import { useLab } from '../store/index';
import { queryOf } from '../store/link';
import { linkedOn, splitAddress } from '../store/link-address';
import { HIDEABLE, linkView, useLinkView } from '../store/link-view';
import { linkInWords } from '../store/link-words';
import { views } from '../store/views';
import classes from './share.module.css';

/** Differences that are listed one by one. */
const LISTED = 12;

export default function ShareDialog({ onClose }: { onClose: () => void }): ReactElement {
  const [hide, setHide] = useState<readonly string[]>(() => linkView.getState().hide);
  const [framed, setFramed] = useState(false);
  const [copied, setCopied] = useState<string | null>(null);
  const link = useAddress(hide, false);
  const field = useRef<HTMLTextAreaElement>(null);
  const copy = (text: string, from: HTMLTextAreaElement | null): void => {
    const refused = (): void => from?.select();
    // Without https, or in a frame, a page may not write to the clipboard.
    if (navigator.clipboard === undefined) refused();
    else navigator.clipboard.writeText(text).then(() => setCopied(text), refused);
  };
  const [first] = useState(link);
  useEffect(() => {
    navigator.clipboard?.writeText(first).then(
      () => setCopied(first),
      () => field.current?.select(),
    );
  }, [first]);
  return (
    <Modal opened onClose={onClose} title="Share" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <div className={classes.row}>
        <textarea
          ref={field}
          className={classes.text}
          readOnly
          rows={2}
          aria-label="Link"
          data-testid="share-link"
          value={link}
          onFocus={(event) => event.currentTarget.select()}
        />
        <Button size="compact-md" data-autofocus onClick={() => copy(link, field.current)}>
          Copy
        </Button>
      </div>
      <p className={classes.status} role="status">
        {copied === link
          ? 'The link is copied.'
          : copied === null
            ? `${link.length} letters. Copy takes it to the clipboard; where the browser forbids that, it is selected.`
            : 'The link has changed since it was copied.'}
      </p>
      <InIt />
      <Hidden hide={hide} onChange={setHide} />
      <div className={classes.options}>
        <label className={classes.tick}>
          <input type="checkbox" checked={framed} onChange={(event) => setFramed(event.currentTarget.checked)} />
          Code for a page of your own
        </label>
        {framed ? <Frame hide={hide} onCopy={copy} copied={copied} /> : null}
      </div>
    </Modal>
  );
}

/** The address of the open page with what it holds. */
function useAddress(hide: readonly string[], embed: boolean): string {
  const setup = useLab((state) => state.setup);
  const smoothing = useLab((state) => state.smoothing);
  const catalogue = useLab((state) => state.catalogue);
  const runs = useLab((state) => state.runs);
  const order = useLab((state) => state.order);
  const missing = useLinkView((view) => view.missing);
  const looked = useStore(views);
  return useMemo(() => {
    const { origin, pathname, search, hash } = window.location;
    const page = embed ? '' : splitAddress(hash).page;
    const linked = linkedOn(page, { setup, smoothing, runs, order }, looked, missing);
    const query = catalogue === null ? '' : queryOf(linked, { hide, embed }, catalogue, EXPERIMENTS);
    return `${origin}${pathname}${search}#/${page}${query === '' ? '' : `?${query}`}`;
  }, [setup, smoothing, runs, order, missing, catalogue, looked, hide, embed]);
}

function InIt(): ReactElement {
  const setup = useLab((state) => state.setup);
  const catalogue = useLab((state) => state.catalogue);
  const { page } = splitAddress(window.location.hash);
  const words = useMemo(
    () => (setup === null || catalogue === null || page !== '' ? null : linkInWords(setup, catalogue, EXPERIMENTS)),
    [setup, catalogue, page],
  );
  const shows = useStore(views, ({ lab }) => lab.below);
  if (page === 'compare') {
    return (
      <p className={classes.dim}>
        The link opens this page with its axes, bands, smoothing and metrics, the arm that the others are held against, and the ticked runs
        where they are. The runs themselves are not in it: whoever has not trained the same opens a bundle of them, which this page saves as
        a file. Nor is the setup of the lab: share that from the lab itself.
      </p>
    );
  }
  if (words === null) {
    return <p className={classes.dim}>The link opens this page. The setup of the lab is not in it: share that from the lab itself.</p>;
  }
  const { opens, seed, differences, code, needsFile, problem } = words;
  const more = differences.length - LISTED;
  return (
    <section aria-label="What is in the link">
      <h3 className={classes.title}>What is in it</h3>
      <ul className={classes.list} data-testid="share-words">
        <li>{opens}</li>
        <li>Seed {seed}</li>
        <li>{shows === 'diagnosis' ? 'The diagnosis in place of the charts' : 'How the charts are looked at'}</li>
        {differences.slice(0, LISTED).map(({ path, title, before, after }) => (
          <li key={path}>
            {title}: {after} <span className={classes.dim}>instead of {before}</span>
          </li>
        ))}
        {more > 0 ? <li>{plural(more, 'more setting')}</li> : null}
        {code.map((id) => (
          <li key={id}>The code of {id}, which whoever opens it reads before it runs</li>
        ))}
      </ul>
      <p className={classes.dim}>
        Not in it: runs and their curves{needsFile ? ', and your file, which has to be opened again where the link is' : ''}.
        {problem === null ? '' : ` The setup cannot be run as it is (${problem}): whoever opens the link gets the rest of it.`}
      </p>
    </section>
  );
}

function Hidden({ hide, onChange }: { hide: readonly string[]; onChange: (hide: readonly string[]) => void }): ReactElement {
  const toggle = (id: string, hidden: boolean): void => {
    const wanted = hidden ? [...hide, id] : hide.filter((other) => other !== id);
    onChange(HIDEABLE.flatMap(({ parts }) => parts.flatMap((part) => (wanted.includes(part.id) ? [part.id] : []))));
  };
  return (
    <details className={classes.options} open={hide.length > 0}>
      <summary>Hide from whoever opens it{hide.length === 0 ? '' : ` (${hide.length})`}</summary>
      <div className={classes.groups}>
        {HIDEABLE.map(({ title, parts }) => (
          <fieldset key={title} className={classes.group}>
            <legend>{title}</legend>
            {parts.map((part) => (
              <label key={part.id} className={classes.tick}>
                <input
                  type="checkbox"
                  checked={hide.includes(part.id)}
                  onChange={(event) => toggle(part.id, event.currentTarget.checked)}
                />
                {part.title}
              </label>
            ))}
          </fieldset>
        ))}
      </div>
    </details>
  );
}

interface FrameProps {
  readonly hide: readonly string[];
  readonly copied: string | null;
  readonly onCopy: (text: string, from: HTMLTextAreaElement | null) => void;
}

function Frame({ hide, copied, onCopy }: FrameProps): ReactElement {
  const address = useAddress(hide, true).replaceAll('&', '&amp;');
  const field = useRef<HTMLTextAreaElement>(null);
  const code = `<iframe src="${address}" title="Objective Lab" width="100%" height="620" loading="lazy" allow="clipboard-write; fullscreen" style="border: 1px solid #ccc; border-radius: 6px"></iframe>`;
  return (
    <>
      <div className={classes.row}>
        <textarea
          ref={field}
          className={classes.text}
          readOnly
          rows={4}
          aria-label="Code of the frame"
          data-testid="share-frame"
          value={code}
        />
        <Button size="compact-md" variant="default" onClick={() => onCopy(code, field.current)}>
          Copy
        </Button>
      </div>
      <p className={classes.status} role="status">
        {copied === code ? 'The code is copied.' : 'One experiment, ready to train, with a link back to the whole lab.'}
      </p>
    </>
  );
}
