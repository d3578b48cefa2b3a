import { createHash, type Hash } from 'node:crypto';
import type { Choice, Field, Stencil } from '../email/email.ts';
import { fill } from '../email/stencil.ts';
import { evaluate } from '../expression.ts';
import { quotedPrintable } from './quoted-printable.ts';

/** Whole lines of a body as they go over the wire, and as DKIM hashes them (relaxed, RFC 6376 §3.4.4). */
interface Lines {
  readonly bytes: Buffer;
  readonly relaxed: Buffer;
}

/** Parts of a body: the same for everybody, or made for each reader. */
export type Node = Lines | Field | Branch | Whole;
interface Branch {
  readonly choice: Choice;
  readonly then: readonly Node[];
  readonly otherwise: readonly Node[];
}
/** Base64 has no place for a hole in the middle, so such a part is encoded for each reader: 60 KB take 0.1 ms. */
interface Whole {
  readonly whole: Stencil;
}

type Value = (name: string) => string | undefined;
type Fields = Readonly<Record<string, string>>;

/** A body prepared once a campaign; gives one reader's bytes and their hash for `bh=` (SHA-256, base64; '' unhashed). */
export type Body = (
  value: Value,
  fields: Fields,
) => { readonly content: Uint8Array[]; readonly hash: string };

/**
 * Joins neighbours that are the same for everybody and hashes what comes before the first hole once. `hashed`: a DKIM
 * signature wants the hash; what follows the first hole, 50 KB, takes 0.03 ms a reader.
 */
export function prepareBody(nodes: readonly Node[], hashed = true): Body {
  const joined = join(nodes);
  const start: Hash = createHash('sha256');
  const constant = joined.findIndex((node) => !('bytes' in node));
  const head = joined.slice(0, constant < 0 ? joined.length : constant) as Lines[];
  for (const lines of head) start.update(lines.relaxed);
  return (value, fields) => {
    const hash = start.copy();
    const content: Uint8Array[] = head.map((lines) => lines.bytes);
    const write = (node: Node): void => {
      if ('choice' in node)
        for (const inner of evaluate(node.choice.when, fields) ? node.then : node.otherwise) write(inner);
      else {
        const made = 'bytes' in node ? node : encode(node, value, fields);
        if (made.bytes.length === 0) return;
        content.push(made.bytes);
        if (hashed) hash.update(made.relaxed);
      }
    };
    for (const node of joined.slice(head.length)) write(node);
    return { content, hash: hashed ? hash.digest('base64') : '' };
  };
}

/** A stencil as lines, holes and branches in the smaller of quoted-printable and base64. */
export function encodeStencil(stencil: Stencil): {
  readonly encoding: 'quoted-printable' | 'base64';
  readonly nodes: readonly Node[];
} {
  const text = constantText(stencil);
  const small = quotedPrintable(text).length <= Buffer.byteLength(text) * 1.37;
  if (small) return { encoding: 'quoted-printable', nodes: stencil.map(toNode) };
  const holes = stencil.some((piece) => typeof piece !== 'string');
  const nodes: Node[] = holes ? [{ whole: stencil }] : [toLines(base64Lines(Buffer.from(crlf(text))))];
  return { encoding: 'base64', nodes };
}

/** `text` must end with CRLF and be 7-bit: pieces are canonicalised apart. */
export function toLines(text: string): Lines {
  const relaxed = text.replace(/[ \t]+/g, ' ').replace(/ \r\n/g, '\r\n');
  const bytes = Buffer.from(text, 'latin1');
  return { bytes, relaxed: relaxed === text ? bytes : Buffer.from(relaxed, 'latin1') };
}

/** Lines of 76 letters, each with its CRLF (RFC 2045 §6.8). */
export function base64Lines(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,76}/g, '$&\r\n');
}

function toNode(piece: Stencil[number]): Node {
  if (typeof piece === 'string') return toLines(quotedPrintable(piece));
  if (piece.kind === 'field') return piece;
  return { choice: piece, then: piece.then.map(toNode), otherwise: piece.otherwise.map(toNode) };
}

function encode(node: Field | Whole, value: Value, fields: Fields): Lines {
  if ('whole' in node) return toLines(base64Lines(Buffer.from(crlf(fill(node.whole, value, fields)))));
  return toLines(quotedPrintable(fill([node], value, fields)));
}

function join(nodes: readonly Node[]): Node[] {
  const joined: Node[] = [];
  for (const node of nodes) {
    const before = joined.at(-1);
    if ('bytes' in node && before && 'bytes' in before)
      joined[joined.length - 1] = {
        bytes: Buffer.concat([before.bytes, node.bytes]),
        relaxed: Buffer.concat([before.relaxed, node.relaxed]),
      };
    else joined.push(node);
  }
  return joined;
}

/** All that any reader can get, holes empty. */
function constantText(stencil: Stencil): string {
  return stencil
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      return piece.kind === 'field' ? '' : constantText(piece.then) + constantText(piece.otherwise);
    })
    .join('');
}

function crlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}
