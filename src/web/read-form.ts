import type { HonoRequest } from 'hono';

/** What was sent with a form: text by name; a name may stand more than once. */
export type Form = ReadonlyMap<string, readonly string[]>;

/** No form of ours comes near it. */
const LARGEST = 16 * 1024;
/** Names and values together. */
const FIELDS = 100;

/**
 * Reads a body as browsers and mailbox providers send it, urlencoded or multipart, or as JSON (an object of strings and
 * lists of strings). Gives the form, or the status that says what is wrong with it: 400, 413 or 415. Files are left out.
 */
export async function readForm(request: HonoRequest): Promise<Form | { readonly status: 400 | 413 | 415 }> {
  const bytes = await readBody(request.raw.body);
  if (bytes === null) return { status: 413 };
  const type = request.header('content-type') ?? '';
  const [kind = ''] = type.toLowerCase().split(';');
  let pairs: Iterable<readonly [string, unknown]>;
  try {
    if (kind.trim() === 'application/x-www-form-urlencoded') pairs = new URLSearchParams(bytes.toString());
    else if (kind.trim() === 'multipart/form-data')
      pairs = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
    else if (kind.trim() === 'application/json') pairs = pairsOf(JSON.parse(bytes.toString()));
    else return { status: 415 };
  } catch {
    return { status: 400 };
  }
  const form = new Map<string, string[]>();
  let count = 0;
  for (const [name, value] of pairs) {
    count += 1;
    if (count > FIELDS) return { status: 400 };
    if (typeof value === 'string') form.set(name, [...(form.get(name) ?? []), value.toWellFormed()]);
  }
  return form;
}

/** The bytes of a body; null: there are more than a form has. */
async function readBody(body: ReadableStream<Uint8Array> | null): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LARGEST) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function pairsOf(json: unknown): [string, unknown][] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new TypeError('no object');
  return Object.entries(json).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one): [string, unknown] => [name, one]) : [[name, value]],
  );
}
