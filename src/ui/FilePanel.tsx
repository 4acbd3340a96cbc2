/** The reader's own file: picked or dropped, with what became of it. */
import { Box } from '@mantine/core';
import { type ReactElement, useState } from 'react';
import { DATASET_PARAM } from '../store/files';
import { formatCount } from '../store/format';
import { lab, useLab } from '../store/index';
import type { LabState } from '../store/state';
import { Icon } from './icons';
import classes from './ui.module.css';

export function FilePanel(): ReactElement {
  const file = useLab((state) => state.file);
  const inUse = useLab((state) => DATASET_PARAM in (state.setup?.draft.world.params ?? {}));
  const [over, setOver] = useState(false);
  const take = (files: FileList | null): void => {
    const first = files?.[0];
    if (first !== undefined) void lab.take(first);
  };
  return (
    <div>
      <label
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setOver(false);
          take(event.dataTransfer.files);
        }}
      >
        <Icon name="file" />
        <span>{file.phase === 'read' ? file.report.name : 'Your own JSONL file: pick one or drop it here'}</span>
        <input
          type="file"
          data-testid="file-input"
          aria-label="Your own JSONL file"
          className={classes.fileInput}
          onChange={(event) => {
            take(event.currentTarget.files);
            // The same file can be picked again after it was changed.
            event.currentTarget.value = '';
          }}
        />
      </label>
      <div role="status">
        {file.phase === 'reading' ? <p className={classes.note}>Reading the file.</p> : null}
        {file.phase === 'read' && (inUse || file.report.error !== null) ? <Report report={file.report} /> : null}
      </div>
    </div>
  );
}

const KINDS = {
  'language-modeling': 'texts',
  'prompt-completion': 'prompts with completions',
  preference: 'pairs of chosen and rejected',
  unpaired: 'labelled completions',
  'prompt-only': 'prompts',
} as const;

type DatasetReport = Extract<LabState['file'], { phase: 'read' }>['report'];

function Report({ report }: { report: DatasetReport }): ReactElement {
  const { kind, rows, vocabSize, problems, problemCount, error, preview } = report;
  return (
    <>
      {error === null ? (
        <p className={classes.note}>
          {formatCount(rows)} {kind === null ? 'rows' : KINDS[kind]}, {vocabSize} different characters.
          {problemCount === 0 ? '' : ` ${formatCount(problemCount)} ${problemCount === 1 ? 'line was' : 'lines were'} left out.`}
        </p>
      ) : null}
      {error === null && problems.length === 0 ? null : (
        <Box component="section" tabIndex={0} className={classes.problems} data-testid="file-problems" aria-label="Problems of the file">
          {error === null ? null : <p className={classes.fileError}>{error}</p>}
          <ol>
            {problems.map(({ line, reason }) => (
              <li key={line}>
                <span className={classes.problemLine}>line {line}</span> {reason}
              </li>
            ))}
          </ol>
          {problemCount > problems.length ? <p className={classes.note}>And {formatCount(problemCount - problems.length)} more.</p> : null}
        </Box>
      )}
      {preview.length === 0 ? null : (
        <ul className={classes.previews} aria-label="First rows">
          {[...new Set(preview)].map((row) => (
            <li key={row} className={classes.preview} title={row}>
              {row}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
