/** Completion and hover in the editor, answered by TypeScript. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  currentCompletions,
  insertCompletionText,
} from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import { type Extension, Prec } from '@codemirror/state';
import { type EditorView, hoverTooltip, keymap } from '@codemirror/view';
import type { OwnKind } from '../core/own';
import type { LanguageClient } from './language/client';
import type { Description, Suggestion } from './language/service';

/** TypeScript's words for things in CodeMirror's, which has an icon for each. */
const ICONS: Readonly<Record<string, string>> = {
  property: 'property',
  getter: 'property',
  method: 'method',
  function: 'function',
  'local function': 'function',
  const: 'constant',
  let: 'variable',
  var: 'variable',
  'local var': 'variable',
  parameter: 'variable',
  alias: 'variable',
  interface: 'interface',
  type: 'type',
  class: 'class',
  enum: 'enum',
  module: 'namespace',
  keyword: 'keyword',
};

/** What is at hand comes before what the language has everywhere, and that before what would be imported. */
function boostOf({ module, order }: Suggestion): number {
  if (module !== null) return -20;
  return order.startsWith('10') || order.startsWith('11') ? 20 : 0;
}

/** Whether the cursor stands in a comment or a formula, where words are only words. */
const isProse = ({ state, pos }: CompletionContext): boolean => /Comment|TemplateString/.test(syntaxTree(state).resolveInner(pos, -1).name);

export function assistance(kind: OwnKind, language: LanguageClient): Extension {
  const complete = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const typing = context.matchBefore(/[\w$]+$/) !== null || context.matchBefore(/[.'"]$/) !== null;
    if (!context.explicit && (!typing || isProse(context))) return null;
    const text = context.state.doc.toString();
    const found = await language.ask('complete', kind, text, context.pos).catch(() => null);
    if (context.aborted || found === null || found.suggestions.length === 0) return null;
    return {
      from: found.from,
      options: found.suggestions.map((suggestion) => optionOf(suggestion, text, context.pos)),
      validFor: /^[\w$]*$/,
    };
  };

  const optionOf = (suggestion: Suggestion, text: string, offset: number): Completion => {
    const explain = () => language.ask('describe', kind, text, offset, suggestion).catch(() => null);
    return {
      label: suggestion.name,
      type: ICONS[suggestion.kind] ?? 'variable',
      boost: boostOf(suggestion),
      ...(suggestion.module === null ? {} : { detail: shortened(suggestion.module) }),
      info: async () => {
        const described = await explain();
        return described === null ? null : words(described);
      },
      apply: (view: EditorView, _: Completion, from: number, to: number) => {
        view.dispatch(insertCompletionText(view.state, suggestion.name, from, to));
        if (suggestion.module === null) return;
        void explain().then((described) => {
          // Imports stand above the cursor, where nobody has typed since.
          const changes = (described?.edits ?? []).filter((edit) => edit.to <= from);
          if (changes.length > 0) view.dispatch({ changes });
        });
      },
    };
  };

  return [
    Prec.highest(keymap.of([{ key: 'Escape', run: dropUnseen }])),
    autocompletion({ override: [complete], icons: false, maxRenderedOptions: 60 }),
    hoverTooltip(async (view, position) => {
      const found = await language.ask('hover', kind, view.state.doc.toString(), position).catch(() => null);
      return found === null ? null : { pos: found.from, end: found.to, above: true, create: () => ({ dom: words(found) }) };
    }),
  ];
}

/** Ends a search that shows nothing yet, and leaves the key to whoever else has a use for it. */
function dropUnseen(view: EditorView): boolean {
  if (currentCompletions(view.state).length === 0) closeCompletion(view);
  return false;
}

/** `/src/objectives/terms` as a reader writes it: `terms`. */
const shortened = (module: string): string => module.split('/').at(-1) ?? module;

/** A declaration, and its docstring below. */
function words({ code, words: prose }: Description): HTMLElement {
  const box = document.createElement('div');
  box.style.cssText = 'padding: 6px 10px; max-width: 540px; max-height: 260px; overflow: auto;';
  const declaration = document.createElement('pre');
  declaration.textContent = code;
  declaration.style.cssText = 'margin: 0; font-family: var(--lab-mono); font-size: 12px; white-space: pre-wrap;';
  box.append(declaration);
  if (prose !== '') {
    const text = document.createElement('p');
    text.textContent = prose.replace(/\n(?!\n)/g, ' ');
    text.style.cssText = 'margin: 6px 0 0; color: var(--lab-dim); font-family: var(--mantine-font-family); font-size: 12px;';
    box.append(text);
  }
  return box;
}
