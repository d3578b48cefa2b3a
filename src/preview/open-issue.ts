import type { Subscriber } from '../audience/audience.ts';
import type { Email, Stencil } from '../email/email.ts';
import { fill } from '../email/stencil.ts';
import { choicesOf, decide, type ShownChoice } from './choices-of.ts';
import type { LastGood } from './last-good.ts';
import { madeUpReader } from './made-up-readers.ts';
import type { PreviewPorts, ShownEmail } from './ports.ts';
import type { View } from './view.ts';

/** An issue that is looked at: its mail as one reader gets it. */
export interface OpenIssue {
  /** As the files are now. */
  readonly now: ShownEmail;
  /** The last render that worked. Null: none ever did. */
  readonly mail: {
    readonly shown: ShownEmail;
    readonly email: Email;
    readonly list: string;
    readonly reader: Subscriber;
    readonly choices: readonly ShownChoice[];
    /** A part as this reader gets it, with the choices that were made by hand. */
    read(stencil: Stencil): string;
    message(): Uint8Array;
  } | null;
}

/** Opens an issue for a view of it; null: there is no such issue. */
export async function openIssue(
  ports: PreviewPorts,
  memory: LastGood,
  slug: string,
  view: View,
): Promise<OpenIssue | null> {
  const looked = await memory.look(slug);
  if (!looked) return null;
  const shown = looked.good;
  if (!shown?.email) return { now: looked.now, mail: null };
  const { email } = shown;
  const list = shown.issue?.list ?? ports.newsletter.list;
  const reader = await readerOf(ports, email, list, view.as);
  const choices = choicesOf(email);
  const value = ports.value(email, list, reader);
  const read = (stencil: Stencil) => fill(decide(stencil, choices, view.choose), value, reader.fields);
  const message = () => ports.message(email, list, reader);
  return { now: looked.now, mail: { shown, email, list, reader, choices, read, message } };
}

async function readerOf(ports: PreviewPorts, email: Email, list: string, as: string): Promise<Subscriber> {
  const [first] = await ports.readers(list, '', 1);
  const used = email.fields.map(({ field }) => field);
  const madeUp = madeUpReader(as, [...new Set([...Object.keys(first?.fields ?? {}), ...used])]);
  if (madeUp) return madeUp;
  const [chosen] = as === '' ? [] : await ports.readers(list, as, 1);
  return chosen ?? first ?? { address: 'reader@example.com', key: 'reader@example.com', fields: {} };
}
