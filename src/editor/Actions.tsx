/** What can be done with a draft: train it, compare it, take it elsewhere, or drop it. */
import { Button } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { lab, useLab } from '../store/index';
import { type OwnDraft, stageOf, wordOf } from '../store/own-drafts';
import { Icon } from '../ui/icons';
import uiClasses from '../ui/ui.module.css';
import classes from './editor.module.css';

export interface ActionsProps {
  readonly draft: OwnDraft;
  readonly text: string;
  readonly place: string;
  readonly difference: boolean;
  readonly onTrain: () => Promise<void>;
  readonly onTrainBoth: () => Promise<void>;
  /** Whether it could be used. */
  readonly onUse: () => Promise<boolean>;
  readonly onDifference: () => void;
  readonly onReset: () => void;
}

const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);
const MOD = APPLE ? '⌘' : 'Ctrl-';

export function Actions(props: ActionsProps): ReactElement {
  const { draft, text, place, difference, onTrain, onTrainBoth, onUse, onDifference, onReset } = props;
  const several = useLab((state) => (state.setup?.draft.stages.length ?? 1) > 1);
  const baseIsThere = useLab(({ catalogue }) =>
    ((draft.kind === 'objective' ? catalogue?.objectives : catalogue?.rewards) ?? []).some(({ id }) => id === draft.base),
  );
  const [used, setUsed] = useState<string | null>(null);
  const changed = text !== draft.original;
  const other = { size: 'compact-md', variant: 'default' } as const;
  return (
    <footer className={classes.foot}>
      <Button size="compact-md" leftSection={<Icon name="play" size={12} />} onClick={() => void onTrain()} data-testid="own-train">
        Train <span className={classes.kbd}>&nbsp;{MOD}Enter</span>
      </Button>
      <Button
        {...other}
        disabled={!baseIsThere}
        title="The original first, then the copy with the same seed, in the same charts"
        onClick={() => void onTrainBoth()}
        data-testid="own-train-both"
      >
        Train both
      </Button>
      <Button {...other} onClick={() => void onUse().then((done) => setUsed(done ? text : null))} data-testid="own-use">
        {used === text ? 'In use' : several ? `Use in stage ${stageOf(place) + 1}` : 'Use in this stage'}
      </Button>
      <Button {...other} aria-pressed={difference} onClick={onDifference} data-testid="own-difference">
        {difference ? 'Hide the difference' : 'Compare with the original'}
      </Button>
      <span className={classes.grow} />
      <span className={classes.tools}>
        <button type="button" className={uiClasses.link} disabled={!changed} onClick={onReset}>
          Reset to original
        </button>
        <CopyText text={text} />
        <button type="button" className={uiClasses.link} onClick={() => download(`${wordOf(draft.name)}.ts`, text)}>
          Download
        </button>
        <button type="button" className={uiClasses.link} onClick={() => lab.own.remove(draft.id)}>
          Delete draft
        </button>
      </span>
    </footer>
  );
}

function CopyText({ text }: { text: string }): ReactElement {
  const [words, setWords] = useState<{ readonly of: string; readonly says: string } | null>(null);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setWords({ of: text, says: 'Copied' }),
      () => setWords({ of: text, says: 'Not allowed to copy' }),
    );
  };
  return (
    <button type="button" className={uiClasses.link} onClick={copy}>
      {words?.of === text ? words.says : 'Copy'}
    </button>
  );
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
