/** Between words and token ids: the vocabulary helpers that the worlds share. */
import { BOS, type Completion, EOS, PAD, SPECIAL_TOKENS, type Vocabulary } from '../core/world';

/** Token ids by text, built once for each vocabulary. */
const indices = new WeakMap<Vocabulary, ReadonlyMap<string, number>>();

/**
 * A vocabulary of the special tokens (ids 0, 1, 2) followed by `words` in the given order, without repeats.
 * @param words characters (by code point) for the joiner '', words without spaces for the joiner ' '.
 */
export function makeVocabulary(words: Iterable<string>, joiner: '' | ' '): Vocabulary {
  return { tokens: [...new Set([...SPECIAL_TOKENS, ...words])], joiner };
}

/** The id of one token. @throws RangeError where the vocabulary lacks it. */
export function tokenId(vocab: Vocabulary, token: string): number {
  let index = indices.get(vocab);
  if (index === undefined) {
    index = new Map(vocab.tokens.map((word, id) => [word, id]));
    indices.set(vocab, index);
  }
  const id = index.get(token);
  if (id === undefined) throw new RangeError(`the vocabulary has no token ${JSON.stringify(token)}`);
  return id;
}

/**
 * Token ids of a text, without special tokens of its own: code points or words, as the joiner says.
 * @throws RangeError where the vocabulary lacks a character or word.
 */
export function encode(vocab: Vocabulary, text: string): number[] {
  const pieces = vocab.joiner === '' ? Array.from(text) : text.split(' ').filter((word) => word !== '');
  return pieces.map((piece) => tokenId(vocab, piece));
}

/** The text of some tokens. Pad, bos and eos are left out. @throws RangeError for an id outside the vocabulary. */
export function decode(vocab: Vocabulary, tokens: ArrayLike<number>): string {
  const words: string[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const id = tokens[i] as number;
    const word = vocab.tokens[id];
    if (word === undefined) throw new RangeError(`no token has the id ${id}`);
    if (id !== PAD && id !== BOS && id !== EOS) words.push(word);
  }
  return words.join(vocab.joiner);
}

/**
 * What a policy wrote: everything before the first end token, without padding.
 * @param tokens ids after the prompt, up to the length limit.
 * @param couldEnd whether the policy may write the end token. Where it may not, every completion has its full length and counts as
 *   ended.
 */
export function completionOf(vocab: Vocabulary, tokens: ArrayLike<number>, couldEnd: boolean): Completion {
  const kept: number[] = [];
  let ended = !couldEnd;
  for (let i = 0; i < tokens.length && !(couldEnd && ended); i++) {
    const id = tokens[i] as number;
    if (id === EOS) ended = true;
    else if (id !== PAD) kept.push(id);
  }
  return { tokens: kept, text: decode(vocab, kept), ended };
}
