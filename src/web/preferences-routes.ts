import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import type { Membership } from '../ledger/readers.ts';
import { DAYS } from './confirmation-issue.ts';
import type { FoundReader } from './find-reader.ts';
import type { ForReader } from './for-reader.ts';
import { openLists } from './list-titles.ts';
import type { Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { readAddress } from './read-address.ts';
import { readFields } from './reader-fields.ts';
import { type Choices, renderPreferences } from './render-preferences.ts';

const DAY = 24 * 3_600_000;

/**
 * `/p/TOKEN`, a reader's preferences. GET changes nothing. Leaving is done at once; what would bring mail, a new list or
 * a new address, is confirmed by mail first, for the link may have been passed on with the mail that holds it.
 */
export function preferencesRoutes(ports: WebPorts, pages: Pages, forReader: ForReader): Hono {
  const app = new Hono();
  const { newsletter, ledger } = ports;
  const { words } = pages;

  const choicesOf = async ({ key }: FoundReader): Promise<Choices> => {
    const places = await ledger.memberships(key);
    const names = new Set([...openLists(newsletter), ...places.map(({ list }) => list)]);
    const active = new Set(places.filter((place) => place.active).map(({ list }) => list));
    return { lists: [...names], active, fields: lastFields(places) };
  };
  const show = async (context: Context, reader: FoundReader, faults: readonly string[] = []) =>
    pages.show(
      context,
      faults.length > 0 ? 422 : 200,
      words.preferences,
      renderPreferences(
        newsletter,
        pages,
        reader,
        await choicesOf(reader),
        context.req.param('token') ?? '',
        faults,
      ),
    );
  const ask = async (
    reader: FoundReader,
    asked: Pick<
      Parameters<WebPorts['ledger']['ask']>[0],
      'purpose' | 'key' | 'address' | 'movedFrom' | 'lists' | 'wording'
    >,
  ) => {
    const now = ports.now();
    const due = await ledger.ask({
      ...asked,
      fields: {},
      how: 'preferences',
      source: `preferences of ${reader.list}`,
      askedAt: now,
      expiresAt: now + DAYS * DAY,
    });
    if (due) ports.mailDue();
  };

  app.get(
    '/:token',
    forReader((context, reader) => show(context, reader), false),
  );

  app.post(
    '/:token',
    forReader(async (context, reader, form) => {
      const read = readFields(form, newsletter);
      if (form.get('save')?.[0] !== 'yes') return pages.notice(context, 400, 'unreadable');
      if ('faults' in read) return show(context, reader, read.faults);
      const { lists, active, fields } = await choicesOf(reader);
      // Only what the page showed was chosen about: a list that is new since then was not declined.
      const shown = lists.filter((list) => form.get('shown')?.includes(list));
      const wanted = new Set(form.get('list') ?? []);
      const at = new Date(ports.now()).toISOString();
      const left = shown.filter((list) => active.has(list) && !wanted.has(list));
      for (const list of left)
        await ledger.suppress({ key: reader.key, list, reason: 'unsubscribed', at }, 'preferences');
      if (Object.entries(read.fields).some(([name, value]) => value !== (fields[name] ?? '')))
        await ledger.setFields(reader.key, read.fields, ports.now());
      const open = openLists(newsletter);
      const joined = shown.filter((list) => wanted.has(list) && !active.has(list) && open.includes(list));
      if (joined.length > 0)
        await ask(reader, {
          purpose: 'subscribe',
          key: reader.key,
          address: reader.address,
          movedFrom: null,
          lists: joined,
          wording: words.listsNote,
        });
      return pages.say(
        context,
        words.saved,
        words.savedText,
        ...(joined.length > 0 ? [words.confirmSent] : []),
        html`<a href="${pages.base}/p/${encodeURIComponent(context.req.param('token') ?? '')}">${words.preferences}</a>`,
      );
    }),
  );

  app.post(
    '/:token/move',
    forReader(async (context, reader, form) => {
      const address = readAddress(form.get('email')?.[0] ?? '');
      if (!address) return show(context, reader, ['email']);
      if (address.key !== reader.key)
        await ask(reader, {
          purpose: 'move',
          ...address,
          movedFrom: reader.key,
          lists: [],
          wording: words.moveNote,
        });
      return pages.say(context, words.checkMail, words.moveNote);
    }),
  );

  return app;
}

/** What is known of a reader; of two lists that differ, the one that they subscribed to last. */
function lastFields(places: readonly Membership[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...places.map(({ fields }) => fields));
}
