/** The keys, and what the words mean. */
import { Kbd, Modal } from '@mantine/core';
import type { ReactElement } from 'react';
import classes from './app.module.css';
import { KeptHere } from './offline/KeptHere';

const KEYS: readonly [string, string][] = [
  ['space', 'Train, pause, go on'],
  ['.', 'Take one step'],
  ['r', 'Stop, and back to the setup'],
  ['/', 'Find a setting'],
  ['s', 'Share'],
  ['p', 'Present, on the page of an experiment'],
  ['c', 'Compare runs'],
  ['t', 'Light or dark'],
  ['?', 'This list'],
];

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
    <Modal opened onClose={onClose} title="Keys and words" size="lg" closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className={classes.keys}>
        {KEYS.map(([key, words]) => (
          <Row key={key} term={<Kbd>{key}</Kbd>} words={words} />
        ))}
      </dl>
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

const Row = ({ term, words }: { term: ReactElement; words: string }): ReactElement => (
  <>
    <dt>{term}</dt>
    <dd>{words}</dd>
  </>
);
