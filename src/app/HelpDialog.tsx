/** The keys, and what the words mean. */
import { Kbd, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import classes from './app.module.css';
import { KEY_GROUPS } from './keys';
import { KeptHere } from './offline/KeptHere';

const WORDS: readonly [string, string][] = [
  ['policy', 'The model that is trained: a distribution over completions of a prompt.'],
  ['reference', 'The policy as it was at the start of a stage; objectives hold the policy near it.'],
  ['reward', 'The number that a completion earns. The true reward is the judgement by the world’s own rule.'],
  ['group', 'Completions of one prompt that are compared with each other.'],
  ['chosen, rejected', 'The better and the worse completion of a pair.'],
  ['KL', 'How far the policy is from the reference, in nats.'],
  ['arm', 'One of the setups that an experiment compares.'],
];

export default function HelpDialog({ onClose }: { onClose: () => void }): ReactElement {
  return (
    <Modal opened onClose={onClose} title="Keys and words" size="xl" closeButtonProps={{ 'aria-label': 'Close' }}>
      <p className={classes.keysNote}>
        Single letters do nothing while text is being typed. On a Mac, <Kbd size="xs">⌘</Kbd> stands for <Kbd size="xs">Ctrl</Kbd>.
      </p>
      <div className={classes.keyGroups} data-testid="keys">
        {KEY_GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3 className={classes.keysTitle}>{title}</h3>
            <dl className={classes.keys}>
              {keys.map(([key, words]) => (
                <Row key={key} term={<Keys of={key} />} words={words} />
              ))}
            </dl>
          </section>
        ))}
      </div>
      <h3>Without a network</h3>
      <KeptHere />
      <h3>Words</h3>
      <dl className={classes.keys}>
        {WORDS.map(([word, words]) => (
          <Row key={word} term={<strong>{word}</strong>} words={words} />
        ))}
      </dl>
    </Modal>
  );
}

/** Keys that are held together are joined by a plus, those that do the same stand apart. */
const Keys = ({ of }: { of: string }): ReactElement => (
  <span className={classes.keyList}>
    {of.split(' ').map((held) => (
      <span key={held} className={classes.held}>
        {held.split(/(?<=.)\+/).map((key) => (
          <Kbd key={key} size="xs">
            {key}
          </Kbd>
        ))}
      </span>
    ))}
  </span>
);

const Row = ({ term, words }: { term: ReactElement; words: string }): ReactElement => (
  <>
    <dt>{term}</dt>
    <dd>{words}</dd>
  </>
);
