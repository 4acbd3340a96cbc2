/** Memorable names for runs: an adjective and an animal. */
import { createRng } from '../core/rng';

const ADJECTIVES = (
  'amber ashen azure basalt bold brass brisk bronze calm cedar chalk clear cobalt copper coral crisp dapper dusky ember fern ' +
  'flint frosty gentle gilded hazel humble indigo ivory jade keen linen lively lucid maple mellow mild misty mossy noble ochre ' +
  'olive opal pearl plucky quiet rapid russet sable sandy scarlet silver slate sober steady sunny swift tawny teal umber velvet ' +
  'violet vivid warm wry'
).split(' ');

const ANIMALS = (
  'adder albatross badger bison bittern buzzard caribou chamois cicada condor coot crane curlew dormouse eagle egret eider ' +
  'falcon ferret finch fox gannet gecko grebe hare heron hoopoe ibex ibis jackdaw jay kestrel kite lapwing lark linnet lynx ' +
  'magpie marmot marten merlin mole newt nuthatch osprey otter ouzel owl petrel pika pipit plover puffin quail raven robin ' +
  'sable shrew siskin skink stoat swift tapir teal tern thrush toad vole weasel wren'
).split(' ');

/**
 * The name of the `count`-th run. The same counts give the same names everywhere, so a class sees the same ones; a name
 * that is taken is passed over.
 */
export function runName(count: number, taken: ReadonlySet<string>): string {
  const rng = createRng(count).fork('run-name');
  for (let attempt = 0; attempt < 64; attempt++) {
    const name = `${rng.pick(ADJECTIVES)}-${rng.pick(ANIMALS)}`;
    if (!taken.has(name)) return name;
  }
  return `run-${count}`;
}
