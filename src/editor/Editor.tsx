/** The editor of a reader's own objective or reward: the text, its formula, what is wrong with it, and what to do with it. */
import { ActionIcon, Modal, useComputedColorScheme } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import type { ObjectiveEntry, RewardEntry } from '../core/catalogue';
import { lab, useLab } from '../store/index';
import { type OwnDraft, putEntry } from '../store/own-drafts';
import { Icon } from '../ui/icons';
import { Actions } from './Actions';
import { Aside } from './Aside';
import { CodeField, type CodeHandle } from './CodeField';
import classes from './editor.module.css';
import { findingsIn, type runs, verdictInWords } from './findings';
import { type LanguageClient, startLanguage } from './language/client';
import { useEditorKeys } from './useEditorKeys';
import { useVerdict } from './useVerdict';

/** The editor of the draft that is open, or nothing. */
export default function Editor(): ReactElement | null {
  const editing = useLab((state) => state.editing);
  const draft = useLab((state) => state.drafts.find(({ id }) => id === state.editing?.id) ?? null);
  const [language, setLanguage] = useState<LanguageClient | null>(null);
  useEffect(() => {
    const started = startLanguage();
    setLanguage(started);
    return () => started.close();
  }, []);
  if (editing === null || draft === null || language === null) return null;
  return <Open draft={draft} place={editing.place} language={language} />;
}

function Open({ draft, place, language }: { draft: OwnDraft; place: string; language: LanguageClient }): ReactElement {
  const { kind, base, original } = draft;
  const [text, setText] = useState(draft.source);
  const [difference, setDifference] = useState(false);
  const dark = useComputedColorScheme('light') === 'dark';
  const wrap = useMediaQuery('(max-width: 719px)', false, { getInitialValueInEffect: false });
  const code = useRef<CodeHandle>(null);
  const { verdict, checkNow } = useVerdict(kind, text, language);
  const findings = useMemo(() => findingsIn(text, verdict), [text, verdict]);
  useReturnOfFocus();

  // A name that was typed a moment ago has changed it.
  const id = (): string => lab.store.getState().editing?.id ?? draft.id;

  /** Keeps the present text as the version that stages use; false where it does not run. */
  const keep = async (): Promise<boolean> => {
    const checked = await checkNow(text);
    if (checked?.entry == null) {
      const first = findings.find(({ fatal }) => fatal);
      if (first !== undefined) code.current?.goTo(first.from);
      return false;
    }
    lab.own.keep(id(), text, checked.entry);
    return true;
  };
  const use = async (): Promise<boolean> => {
    const kept = await keep();
    if (kept) lab.own.use(id(), place);
    return kept;
  };
  const close = (): void => {
    // What is sound becomes the version that stages use, also where its check is still on its way.
    const closing = id();
    lab.own.close();
    if (text !== original) void checkNow(text).then((checked) => checked?.entry && lab.own.keep(closing, text, checked.entry));
  };
  const train = async (): Promise<void> => {
    if (!(await use())) return;
    lab.own.close();
    lab.train();
  };
  const trainBoth = async (): Promise<void> => {
    if (!(await use())) return;
    lab.own.close();
    const { catalogue } = lab.store.getState();
    if (catalogue !== null) lab.trainBoth((setup) => putEntry(setup, place, base, catalogue));
  };

  useEditorKeys({ train: () => void train(), keep: () => void keep(), close });

  return (
    <Modal.Root opened onClose={close} fullScreen closeOnEscape={false} transitionProps={{ duration: 0 }}>
      <Modal.Content aria-label={`Editor of ${draft.name}`} data-testid="editor">
        <div className={classes.frame}>
          <Head draft={draft} verdict={verdictInWords(verdict, findings)} state={stateOf(verdict, findings.length)} onClose={close} />
          <div className={classes.body}>
            <CodeField
              kind={kind}
              label={`TypeScript of ${draft.name}`}
              initial={draft.source}
              findings={findings}
              original={difference ? original : null}
              dark={dark}
              wrap={wrap ?? false}
              language={language}
              onChange={(next) => {
                setText(next);
                lab.own.type(id(), next);
              }}
              handle={code}
            />
            <Aside
              entry={shownEntry(verdict.checked, draft)}
              kind={kind}
              findings={findings}
              onFinding={(from) => code.current?.goTo(from)}
            />
          </div>
          <Actions
            draft={draft}
            text={text}
            place={place}
            difference={difference}
            onTrain={train}
            onTrainBoth={trainBoth}
            onUse={use}
            onDifference={() => setDifference(!difference)}
            onReset={() => code.current?.replace(original)}
          />
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

interface HeadProps {
  readonly draft: OwnDraft;
  readonly verdict: string;
  readonly state: 'pending' | 'fine' | 'wrong';
  readonly onClose: () => void;
}

function Head({ draft, verdict, state, onClose }: HeadProps): ReactElement {
  const base = useLab(({ catalogue }) => {
    const entries = (draft.kind === 'objective' ? catalogue?.objectives : catalogue?.rewards) ?? [];
    return entries.find(({ id }) => id === draft.base)?.title ?? draft.base;
  });
  return (
    <header className={classes.head}>
      <input
        key={draft.id}
        className={classes.name}
        defaultValue={draft.name}
        aria-label="Name of the copy"
        maxLength={60}
        onBlur={(event) => {
          const field = event.currentTarget;
          lab.own.rename(draft.id, field.value);
          if (field.value.trim() === '') field.value = draft.name;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.ctrlKey && !event.metaKey) event.currentTarget.blur();
        }}
      />
      <span className={classes.dim}>
        {draft.kind}, edited from {base}
      </span>
      <span className={classes.grow} />
      <span className={classes.status} data-state={state} data-testid="own-status" role="status">
        {verdict}
      </span>
      <ActionIcon
        className={classes.close ?? ''}
        variant="subtle"
        aria-label="Close the editor"
        title="Close ( Esc ): the draft is kept"
        onClick={onClose}
      >
        <Icon name="close" />
      </ActionIcon>
    </header>
  );
}

function stateOf(verdict: Parameters<typeof runs>[0], findings: number): HeadProps['state'] {
  if (verdict.checked === null || verdict.types === null || verdict.checked === 'unasked') return findings > 0 ? 'wrong' : 'pending';
  return findings > 0 ? 'wrong' : 'fine';
}

/** What the aside shows: what the text says of itself, else the last version that did, else what it was copied from. */
function shownEntry(checked: Parameters<typeof runs>[0]['checked'], draft: OwnDraft): ObjectiveEntry | RewardEntry | null {
  if (checked !== null && checked !== 'unasked' && checked.entry !== null) return checked.entry;
  if (draft.sound !== null) return draft.sound.entry;
  const { catalogue } = lab.store.getState();
  const entries: readonly (ObjectiveEntry | RewardEntry)[] =
    (draft.kind === 'objective' ? catalogue?.objectives : catalogue?.rewards) ?? [];
  return entries.find(({ id }) => id === draft.base) ?? null;
}

/** Gives the keyboard back to what had it before the editor opened. */
function useReturnOfFocus(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    },
    [before],
  );
}
