/**
 * Typed arrays in a safetensors file: eight bytes with the length of the header, a JSON header, the arrays end to end.
 * Source: Hugging Face's safetensors format, which `safetensors.numpy.load_file` reads.
 */
import { BundleError } from './bundle-format';
import { losslessJson, parseLossless } from './export-csv';

type Values = Float32Array | Int32Array;

/** Stands in the plain part of a value where an array was. */
const TENSOR = '$tensor';
const HEADER_LIMIT = 4 * 2 ** 20;

/**
 * Any value of plain objects, numbers, texts, null and typed arrays. Arrays become tensors that are named by their path
 * (`theta`, `pool.tokens`); all else goes into the header's `state`, as JSON.
 */
export function packTensors(value: unknown): Uint8Array {
  const tensors = new Map<string, Values>();
  const state = losslessJson(takeOut(value, '', tensors));
  let offset = 0;
  const entries = [...tensors].map(([name, values]) => {
    const begin = offset;
    offset += values.byteLength;
    const dtype = values instanceof Int32Array ? 'I32' : 'F32';
    return [name, { dtype, shape: [values.length], data_offsets: [begin, offset] }] as const;
  });
  const json = JSON.stringify({ __metadata__: { state }, ...Object.fromEntries(entries) });
  const text = new TextEncoder().encode(json);
  // The data begins at a multiple of eight bytes, so that a reader may map it.
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + offset);
  new DataView(bytes.buffer).setUint32(0, headerLength, true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(text, 8);
  let at = 8 + headerLength;
  for (const values of tensors.values()) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes;
}

function takeOut(value: unknown, path: string, tensors: Map<string, Values>): unknown {
  if (value instanceof Float32Array || value instanceof Int32Array) {
    tensors.set(path, value);
    return { [TENSOR]: path };
  }
  if (Array.isArray(value)) return value.map((item, i) => takeOut(item, `${path}.${i}`, tensors));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, takeOut(item, path === '' ? key : `${path}.${key}`, tensors)]),
  );
}

/** What `packTensors` was given. @throws BundleError where the bytes are something else */
export function unpackTensors(bytes: Uint8Array, file: string): unknown {
  const bad = (why: string): BundleError => new BundleError(`${file} is no safetensors file of this lab: ${why}.`);
  if (bytes.length < 8) throw bad('it is too short for a header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  if (view.getUint32(4, true) !== 0 || length > HEADER_LIMIT || 8 + length > bytes.length) throw bad('the length of its header is wrong');
  const tensors = new Map<string, Values>();
  try {
    const header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>;
    const { __metadata__: metadata, ...entries } = header;
    for (const [name, entry] of Object.entries(entries)) tensors.set(name, tensorOf(entry, bytes.subarray(8 + length)));
    return putBack(parseLossless((metadata as { state: string }).state), tensors);
  } catch (error) {
    throw bad(error instanceof RangeError ? error.message : 'its header cannot be read');
  }
}

/** A copy. @throws RangeError where the entry does not fit the data */
function tensorOf(entry: unknown, data: Uint8Array): Values {
  const { dtype, shape, data_offsets: offsets } = entry as { dtype: unknown; shape: unknown; data_offsets: unknown };
  const [begin, end] = Array.isArray(offsets) ? (offsets as unknown[]) : [];
  const [count] = Array.isArray(shape) ? (shape as unknown[]) : [];
  const fits =
    Number.isInteger(begin) && Number.isInteger(end) && Number.isInteger(count) && (begin as number) >= 0 && (end as number) <= data.length;
  if (!fits || (end as number) - (begin as number) !== 4 * (count as number)) throw new RangeError('a tensor lies outside of the file');
  const { buffer } = data.slice(begin as number, end as number);
  if (dtype === 'I32') return new Int32Array(buffer);
  if (dtype === 'F32') return new Float32Array(buffer);
  throw new RangeError('a tensor is neither F32 nor I32');
}

function putBack(value: unknown, tensors: ReadonlyMap<string, Values>): unknown {
  if (Array.isArray(value)) return value.map((item) => putBack(item, tensors));
  if (typeof value !== 'object' || value === null) return value;
  const name = (value as Record<string, unknown>)[TENSOR];
  if (name === undefined) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, putBack(item, tensors)]));
  const found = tensors.get(String(name));
  if (found === undefined) throw new RangeError(`the tensor ${String(name)} is missing`);
  return found;
}
