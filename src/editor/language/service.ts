/**
 * What an editor asks of TypeScript about a reader's objective or reward: errors, completions, and what a name means.
 * The files lie in memory as text: the lab's modules, the declarations of tfjs, and the language's own library.
 */
import ts from 'typescript-browser';
import type { OwnKind } from '../../core/own';

/** A stretch of the text and what TypeScript has to say about it; offsets count UTF-16 units. */
export interface Trouble {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  /** `syntax` is left to the text alone, `type` follows from the lab's declarations. */
  readonly kind: 'syntax' | 'type';
}

export interface Suggestion {
  readonly name: string;
  /** TypeScript's word for it, such as `function` or `property`. */
  readonly kind: string;
  /** The module that it would have to be imported from; null where it is at hand. */
  readonly module: string | null;
  /** Smaller comes first. */
  readonly order: string;
}

export interface Description {
  /** Its declaration, as TypeScript prints it. */
  readonly code: string;
  /** The words of its docstring; '' where it has none. */
  readonly words: string;
}

export interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** One file is open at a time; every question brings its text along. */
export interface Language {
  diagnose(kind: OwnKind, text: string): Trouble[];
  complete(kind: OwnKind, text: string, offset: number): { readonly from: number; readonly suggestions: readonly Suggestion[] };
  /** What a suggestion is, and the import that it needs. */
  describe(kind: OwnKind, text: string, offset: number, suggestion: Suggestion): (Description & { edits: readonly Replacement[] }) | null;
  hover(kind: OwnKind, text: string, offset: number): (Description & { readonly from: number; readonly to: number }) | null;
}

/** Where a reader's file would lie, so that its imports read as those of the lab's own files. */
const PATHS: Readonly<Record<OwnKind, string>> = { objective: '/src/objectives/own.ts', reward: '/src/rewards/own.ts' };

/** Modules whose exports are suggested although nothing is imported from them yet. */
const OFFERED: Readonly<Record<OwnKind, readonly string[]>> = {
  objective: ['./terms', './pairs', './policy-gradient', './diagnostics', './objective', './optimum', '../core/params'],
  reward: ['../core/reward', '../core/params', '../core/world'],
};

/** `./terms` in a reader's file. */
const pathOf = (kind: OwnKind, module: string): string =>
  module.startsWith('./') ? `${PATHS[kind].slice(0, PATHS[kind].lastIndexOf('/'))}/${module.slice(2)}.ts` : `/src/${module.slice(3)}.ts`;

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true,
  types: [],
  libReplacement: false,
};

const PREFERENCES: ts.UserPreferences = {
  includeCompletionsForModuleExports: true,
  includeCompletionsWithInsertText: false,
  importModuleSpecifierPreference: 'relative',
  quotePreference: 'single',
};

const FORMAT: ts.FormatCodeSettings = { ...ts.getDefaultFormatCodeSettings('\n'), indentSize: 2 };

/**
 * @param files text by absolute path: `/src/...` for the lab's modules, `/node_modules/...` for packages, and the
 * language's library as `/lib/lib.*.d.ts`
 */
export function createLanguage(files: Readonly<Record<string, string>>): Language {
  let open: { readonly path: string; readonly kind: OwnKind; readonly text: string } = {
    path: PATHS.objective,
    kind: 'objective',
    text: '',
  };
  let version = 0;
  const folders = new Set(Object.keys(files).flatMap(ancestors));
  const read = (path: string): string | undefined => (path === open.path ? open.text : files[path]);

  const service = ts.createLanguageService({
    getCompilationSettings: () => OPTIONS,
    getScriptFileNames: () => [open.path, ...OFFERED[open.kind].map((module) => pathOf(open.kind, module)).filter((path) => path in files)],
    getScriptVersion: (path) => (path === open.path ? String(version) : '0'),
    getScriptSnapshot: (path) => {
      const text = read(path);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => '/src',
    getDefaultLibFileName: () => '/lib/lib.es2023.d.ts',
    fileExists: (path) => read(path) !== undefined,
    readFile: read,
    directoryExists: (path) => folders.has(path),
    getDirectories: () => [],
  });

  /** Puts a text before the service; returns the path that it has there. */
  const show = (kind: OwnKind, text: string): string => {
    if (open.kind !== kind || open.text !== text) {
      open = { path: PATHS[kind], kind, text };
      version += 1;
    }
    return open.path;
  };

  return {
    diagnose(kind, text) {
      const path = show(kind, text);
      const syntax = service.getSyntacticDiagnostics(path);
      // Where a bracket is missing, every type error below it is an echo.
      return syntax.length > 0
        ? syntax.map((found) => trouble(found, 'syntax'))
        : service
            .getSemanticDiagnostics(path)
            .map((found) => trouble(found, 'type'))
            .filter(({ message }) => !UNKNOWN_RANK.test(message));
    },
    complete(kind, text, offset) {
      const found = service.getCompletionsAtPosition(show(kind, text), offset, PREFERENCES);
      const entries = (found?.entries ?? []).filter(({ source }) => source === undefined || OFFERED[kind].includes(source));
      return { from: wordStart(text, offset), suggestions: entries.map(suggestionOf) };
    },
    describe(kind, text, offset, { name, module }) {
      const path = show(kind, text);
      // TypeScript wants its own note of where the name comes from, which a first question would have had.
      const entry = service
        .getCompletionsAtPosition(path, offset, PREFERENCES)
        ?.entries.find((candidate) => candidate.name === name && (candidate.source ?? null) === module);
      if (entry === undefined) return null;
      const details = service.getCompletionEntryDetails(path, offset, name, FORMAT, entry.source, PREFERENCES, entry.data);
      if (details === undefined) return null;
      const changes = (details.codeActions ?? []).flatMap((action) => action.changes).filter((change) => change.fileName === path);
      return {
        code: ts.displayPartsToString(details.displayParts),
        words: ts.displayPartsToString(details.documentation),
        edits: changes.flatMap((change) => change.textChanges).map(({ span, newText }) => ({ ...ends(span), insert: newText })),
      };
    },
    hover(kind, text, offset) {
      const info = service.getQuickInfoAtPosition(show(kind, text), offset);
      if (info === undefined) return null;
      return {
        ...ends(info.textSpan),
        code: ts.displayPartsToString(info.displayParts),
        words: ts.displayPartsToString(info.documentation),
      };
    },
  };
}

const ends = ({ start, length }: ts.TextSpan): { from: number; to: number } => ({ from: start, to: start + length });

const trouble = ({ start = 0, length = 0, messageText }: ts.Diagnostic, kind: Trouble['kind']): Trouble => ({
  from: start,
  to: start + length,
  message: inWords(ts.flattenDiagnosticMessageText(messageText, '\n')),
  kind,
});

/**
 * Through operations within operations this TypeScript loses how many axes a tensor has, where the lab's own compiler does
 * not. Whether they fit is seen when the text is run.
 */
const UNKNOWN_RANK = /Type 'Rank' is not assignable to type 'Rank\.R\d'/;

/** The first sentence says what is wrong; of the chain below it the last says why. */
function inWords(message: string): string {
  const lines = message.split('\n').map((line) => line.trim());
  const [first = '', last = ''] = [lines[0], lines.length > 1 ? lines.at(-1) : ''];
  return last === '' ? first : `${first} ${last}`;
}

const suggestionOf = ({ name, kind, source, sortText }: ts.CompletionEntry): Suggestion => ({
  name,
  kind,
  module: source ?? null,
  order: sortText,
});

/** Where the name begins that ends at an offset. */
function wordStart(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && /[\w$]/.test(text[start - 1] as string)) start -= 1;
  return start;
}

/** `/a/b/c.ts` lies in `/a/b`, `/a` and `/`. */
function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return ['/', ...parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`)];
}
