/** The text itself: CodeMirror with TypeScript's help, errors in the gutter, and the difference from the original. */
import { acceptCompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { javascript } from '@codemirror/lang-javascript';
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from '@codemirror/view';
import { type ReactElement, type RefObject, useEffect, useImperativeHandle, useRef } from 'react';
import type { OwnKind } from '../core/own';
import { assistance } from './assistance';
import classes from './editor.module.css';
import type { Finding } from './findings';
import type { LanguageClient } from './language/client';
import { marks } from './marks';

/** What the buttons around the text do with it. */
export interface CodeHandle {
  /** Puts another text in place of this one; it can be undone. */
  replace(text: string): void;
  /** Moves the cursor, and the keyboard with it. */
  goTo(offset: number): void;
}

export interface CodeFieldProps {
  readonly kind: OwnKind;
  readonly label: string;
  readonly initial: string;
  readonly findings: readonly Finding[];
  /** The text to show the difference from; null shows none. */
  readonly original: string | null;
  readonly dark: boolean;
  readonly wrap: boolean;
  readonly language: LanguageClient;
  readonly onChange: (text: string) => void;
  readonly handle: RefObject<CodeHandle | null>;
}

export function CodeField(props: CodeFieldProps): ReactElement {
  const { kind, label, initial, findings, original, dark, wrap, language, onChange, handle } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(onChange);
  changed.current = onChange;
  const parts = useRef({ difference: new Compartment(), look: new Compartment() });
  const start = useRef({ initial, label });

  useEffect(() => {
    const { difference, look } = parts.current;
    const created = new EditorView({
      parent: host.current as HTMLElement,
      doc: start.current.initial,
      extensions: [
        ...basics(start.current.label),
        assistance(kind, language),
        difference.of([]),
        look.of([]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed.current(update.state.doc.toString());
        }),
      ],
    });
    view.current = created;
    return () => {
      view.current = null;
      created.destroy();
    };
  }, [kind, language]);

  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.difference.reconfigure(original === null ? [] : differenceFrom(original)) });
  }, [original]);
  useEffect(() => {
    const look = [EditorView.darkTheme.of(dark), ...(wrap ? [EditorView.lineWrapping] : [])];
    view.current?.dispatch({ effects: parts.current.look.reconfigure(look) });
  }, [dark, wrap]);
  useEffect(() => {
    const current = view.current;
    if (current !== null) current.dispatch(setDiagnostics(current.state, marksOf(findings, current.state.doc.length)));
  }, [findings]);

  useImperativeHandle(handle, () => ({
    replace(text) {
      const current = view.current;
      current?.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: text } });
      current?.focus();
    },
    goTo(offset) {
      const current = view.current;
      if (current === null) return;
      const anchor = Math.min(offset, current.state.doc.length);
      current.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: 'center' }) });
      current.focus();
    },
  }));

  return <div ref={host} className={classes.code} data-testid="code" />;
}

const basics = (label: string): Extension[] => [
  lintGutter(),
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightActiveLine(),
  drawSelection(),
  history(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  indentUnit.of('  '),
  EditorState.tabSize.of(2),
  javascript({ typescript: true }),
  marks,
  EditorView.contentAttributes.of({
    'aria-label': label,
    'aria-describedby': 'own-keys',
    spellcheck: 'false',
    tabindex: '0',
    'data-autofocus': 'true',
  }),
  keymap.of([
    { key: 'Tab', run: acceptCompletion },
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...lintKeymap,
    ...historyKeymap,
    ...defaultKeymap,
    indentWithTab,
  ]),
];

const differenceFrom = (original: string): Extension =>
  unifiedMergeView({
    original,
    collapseUnchanged: { margin: 3, minSize: 6 },
    mergeControls: (type, action) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Restore';
      button.className = classes.restore ?? '';
      button.onclick = action;
      // To accept a change would be to change the original.
      button.hidden = type === 'accept';
      return button;
    },
  });

const marksOf = (findings: readonly Finding[], length: number): Diagnostic[] =>
  findings.map(({ from, to, message, fatal }) => ({
    from: Math.min(from, length),
    to: Math.min(Math.max(to, from), length),
    severity: fatal ? 'error' : 'warning',
    message,
  }));
