/** The way back through the setup, and forth again. */
import { ActionIcon, VisuallyHidden } from '@mantine/core';
import { type ReactElement, useMemo, useState } from 'react';
import { lab, useLab } from '../../store/index';
import { changeInWords, stepThrough } from '../../store/undo';
import { Icon } from '../../ui/icons';

const KEYS = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? ['⌘Z', '⇧⌘Z'] : ['Ctrl+Z', 'Ctrl+Shift+Z'];

export function UndoRedo(): ReactElement | null {
  const setup = useLab((state) => state.setup);
  const history = useLab((state) => state.history);
  const catalogue = useLab((state) => state.catalogue);
  const [said, setSaid] = useState('');
  const [back, forth] = useMemo(() => {
    if (setup === null || catalogue === null) return [null, null];
    const [before, after] = ([-1, 1] as const).map((way) => stepThrough(history, setup, way, catalogue)?.setup ?? null);
    // Both ways it is said as it was done.
    return [before ? changeInWords(before, setup, catalogue) : null, after ? changeInWords(setup, after, catalogue) : null];
  }, [setup, history, catalogue]);
  return (
    <>
      <ActionIcon
        variant="subtle"
        size="sm"
        data-testid="undo"
        aria-label="Undo the last change of the setup"
        title={back === null ? 'Nothing to undo' : `Undo: ${back} ( ${KEYS[0]} )`}
        data-disabled={back === null}
        aria-disabled={back === null}
        onClick={() => {
          if (back !== null) setSaid(`Undone: ${back}.`);
          lab.undo();
        }}
      >
        <Icon name="undo" size={15} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        size="sm"
        data-testid="redo"
        aria-label="Redo the change of the setup"
        title={forth === null ? 'Nothing to redo' : `Redo: ${forth} ( ${KEYS[1]} )`}
        data-disabled={forth === null}
        aria-disabled={forth === null}
        onClick={() => {
          if (forth !== null) setSaid(`Done again: ${forth}.`);
          lab.redo();
        }}
      >
        <Icon name="redo" size={15} />
      </ActionIcon>
      <VisuallyHidden role="status">{said}</VisuallyHidden>
    </>
  );
}
