/** The editor's colours: all from the page's own variables, so that the theme is the page's. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const highlighting = HighlightStyle.define([
  { tag: [tags.comment, tags.docString], color: 'var(--code-comment)', fontStyle: 'italic' },
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.controlKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--code-number)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'var(--code-type)' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--code-function)' },
  { tag: tags.propertyName, color: 'var(--code-property)' },
  { tag: tags.invalid, color: 'var(--lab-bad)' },
]);

const BOX = { border: '1px solid var(--lab-line-strong)', borderRadius: 'var(--lab-radius)', boxShadow: 'var(--lab-shadow)' };
const SURFACE = { backgroundColor: 'var(--lab-surface)', color: 'var(--lab-text)' };

const theme = EditorView.theme({
  '&': { height: '100%', fontSize: '12.5px', ...SURFACE },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--lab-mono)', lineHeight: '1.55' },
  '.cm-content': { caretColor: 'var(--lab-text)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--lab-text)' },
  '.cm-gutters': { backgroundColor: 'var(--lab-surface)', color: 'var(--lab-dim)', borderRight: '1px solid var(--lab-line)' },
  '.cm-activeLine': { backgroundColor: 'var(--code-active)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--code-active)', color: 'var(--lab-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--code-selection) !important',
  },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--code-selection)', outline: '1px solid var(--lab-line-strong)' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'var(--lab-bad-soft)' },
  '.cm-tooltip': { ...SURFACE, ...BOX, maxWidth: 'min(560px, calc(100vw - 16px))' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--lab-mono)', maxHeight: '15em' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '2px 8px !important' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': {
    backgroundColor: 'var(--lab-text) !important',
    color: 'var(--lab-surface) !important',
  },
  '.cm-completionDetail': { fontStyle: 'normal', opacity: 0.75 },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: 700 },
  '.cm-diagnostic': { fontSize: 'var(--lab-size)', padding: '4px 8px', borderLeft: '3px solid var(--lab-bad)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--code-number)' },
  '.cm-insertedLine, .cm-deletedLine, .cm-deletedLine del': { textDecoration: 'none' },
  '.cm-changedLine, .cm-inlineChangedLine': { backgroundColor: 'var(--code-added) !important' },
  '.cm-changedText': { background: 'var(--code-added-strong) !important' },
  '.cm-deletedChunk': { backgroundColor: 'var(--code-removed) !important', paddingLeft: '6px' },
  '.cm-deletedChunk .cm-deletedText': { background: 'var(--code-removed-strong) !important' },
  '.cm-changedLineGutter': { background: 'var(--accent-green) !important' },
  '.cm-deletedLineGutter': { background: 'var(--accent-vermilion) !important' },
  '.cm-collapsedLines': {
    background: 'var(--lab-sunken) !important',
    color: 'var(--lab-dim) !important',
    fontFamily: 'inherit',
    padding: '4px 8px',
    '&:before, &:after': { content: '"…"' },
  },
  '.cm-deletedChunk button': { border: '1px solid var(--lab-line-strong)', color: 'var(--lab-text)' },
});

export const marks: Extension = [theme, syntaxHighlighting(highlighting)];
