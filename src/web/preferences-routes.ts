import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { erasedKey } from '../audience/suppressed-file.ts';
import type { Membership } from '../ledger/readers.ts';
import { DAYS } from './confirmation-issue.ts';
import { type FoundReader, findReader } from './find-reader.ts';
import { openLists } from './list-titles.ts';
import type { Markup, Pages } from './pages.ts';
import type { WebPorts } from './ports.ts';
import { openRateLimit } from './rate-limit.ts';
import { readAddress } from './read-address.ts';
import { type Form, readForm } from './read-form.ts';
import { readFields } from './reader-fields.ts';
import { type Choices, renderPreferences } from './render-preferences.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/**
 * `/p/TOKEN`, a reader's preferences. GET changes nothing. Leaving is done at once; what would bring mail, a new list or
 * a new address, is confirmed by mail first, for the link may have been passed on with the mail that holds it.
 */
export function preferencesRoutes(ports: WebPorts, pages: Pages): Hono {
  const app = new Hono();
  const { newsletter, ledger } = ports;
  const { words } = pages;
  const byReader = openRateLimit({ most: 30, within: HOUR });

  /** Runs a page of the reader to whom the link belongs; `post`: with what they sent. */
  const forReader =
    (page: (context: Context, reader: FoundReader, form: Form) => Promise<Response>, post = true) =>
    async (context: Context): Promise<Response> => {
      const form: Awaited<ReturnType<typeof readForm>> = post ? await readForm(context.req) : new Map();
      if ('status' in form) return pages.notice(context, form.status, 'unreadable');
      const token = context.req.param('token') ?? '';
      const reader = await findReader(ports, ['preferences', 'manage'], token);
      if (reader === 'dead') return pages.notice(context, 404, 'dead');
      if (reader === 'test') return pages.notice(context, 200, 'test');
      if (reader.erased) return pages.notice(context, 200, 'nobody');
      if (post && byReader(reader.key, ports.now()) > 0) return pages.notice(context, 429, 'tooMany');
      return page(context, reader, form);
    };
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
  const say = (context: Context, title: string, ...lines: readonly (string | Markup)[]) =>
    pages.show(context, 200, title, [html`${lines.map((line) => html`<p>${line}</p>`)}`]);
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
      return say(
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
      return say(context, words.checkMail, words.moveNote);
    }),
  );

  app.post(
    '/:token/leave',
    forReader(async (context, reader) => {
      const at = new Date(ports.now()).toISOString();
      await ledger.suppress({ key: reader.key, list: null, reason: 'left', at }, 'preferences');
      return say(context, words.left, pages.fill(words.leftAllText, { name: newsletter.name }));
    }),
  );

  app.post(
    '/:token/data',
    forReader(async (context, reader) => {
      context.header('content-disposition', 'attachment; filename="my-data.json"');
      return context.json(await ledger.dataOf(reader.key));
    }),
  );

  app.get(
    '/:token/erase',
    forReader(
      async (context) =>
        pages.show(context, 200, words.erase, [
          html`<p>${words.eraseAsk}</p><form method="post"><input type="hidden" name="erase" value="yes"><button>${words.erase}</button></form>`,
        ]),
      false,
    ),
  );
  app.post(
    '/:token/erase',
    forReader(async (context, reader, form) => {
      if (form.get('erase')?.[0] !== 'yes') return pages.notice(context, 400, 'unreadable');
      await ledger.erase(reader.key, erasedKey(ports.secrets[0]!, reader.key), ports.now());
      return say(context, words.erased, words.erasedText);
    }),
  );

  return app;
}

/** What is known of a reader; of two lists that differ, the one that they subscribed to last. */
function lastFields(places: readonly Membership[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...places.map(({ fields }) => fields));
}
