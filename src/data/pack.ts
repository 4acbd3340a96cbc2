/** Data as a short text that can stand in an address: JSON, deflated, in the letters of base64url. */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';

/** Longest text that is unpacked: a link that a person has made is far shorter, and one that was made to fill the memory is not read. */
const LONGEST = 48_000;

export function pack(value: unknown): string {
  const bytes = deflateSync(strToU8(JSON.stringify(value)), { level: 9 });
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** What `pack` was given; undefined where the text is not whole or was not made by `pack`. */
export function unpack(text: string): unknown {
  if (text.length > LONGEST) return undefined;
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return JSON.parse(strFromU8(inflateSync(Uint8Array.from(binary, (letter) => letter.charCodeAt(0)))));
  } catch {
    return undefined;
  }
}
