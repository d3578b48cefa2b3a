import { Hono } from 'hono';
import { simpleParser } from 'mailparser';
import { frameHtml } from './frame-html.ts';
import { MAIL_POLICY } from './guard.ts';
import { renderInboxPage } from './pages.ts';
import type { PreviewPorts, ShownIssue } from './ports.ts';
import { parseView } from './view.ts';

/** What the inbox received, also from other programs: parsed, and as it came. */
export function inboxRoutes(deps: {
  readonly newsletter: PreviewPorts['newsletter'];
  readonly inbox: PreviewPorts['inbox'];
  issues(): Promise<readonly ShownIssue[]>;
  version(): number;
}): Hono {
  const { newsletter, inbox } = deps;
  // A mail is hostile: nothing of it is fetched, and links to pictures inside it stay as they are.
  const parse = (bytes: Uint8Array) => simpleParser(Buffer.from(bytes), { skipImageLinks: true });
  const app = new Hono();

  app.get('/', async (context) => {
    const [newest] = await inbox.names();
    if (newest) return context.redirect(`/inbox/${newest}`);
    return context.html(
      renderInboxPage({
        newsletter,
        version: deps.version(),
        issues: await deps.issues(),
        messages: [],
        open: null,
      }),
    );
  });

  app.get('/:name', async (context) => {
    const name = context.req.param('name');
    const bytes = await inbox.read(name);
    if (!bytes) return context.text('There is no such message.', 404);
    const names = await inbox.names();
    const messages = await Promise.all(
      names.slice(0, 100).map(async (one) => {
        const content = await inbox.read(one);
        const { subject, date } = content ? await headersOf(content) : { subject: '', date: '' };
        return { name: one, subject, date };
      }),
    );
    const mail = await parse(bytes);
    const raw = Buffer.from(bytes).toString('latin1');
    return context.html(
      renderInboxPage({
        newsletter,
        version: deps.version(),
        issues: await deps.issues(),
        messages,
        open: {
          name,
          view: parseView(new URL(context.req.url).searchParams),
          subject: mail.subject ?? '',
          from: mail.from?.text ?? '',
          to: [mail.to ?? []]
            .flat()
            .map((one) => one.text)
            .join(', '),
          html: typeof mail.html === 'string' && mail.html !== '',
          text: mail.text ?? '',
          headers: raw.slice(0, Math.max(raw.search(/\r?\n\r?\n/), 0)),
          raw: Buffer.from(bytes).toString('utf8').slice(0, 200_000),
        },
      }),
    );
  });

  app.get('/:name/email.html', async (context) => {
    const name = context.req.param('name');
    const bytes = await inbox.read(name);
    const mail = bytes && (await parse(bytes));
    if (!mail || typeof mail.html !== 'string') return context.text('There is no HTML in this message.', 404);
    const view = parseView(new URL(context.req.url).searchParams);
    const cid = (id: string) => `/inbox/${encodeURIComponent(name)}/image?id=${encodeURIComponent(id)}`;
    context.header('content-security-policy', MAIL_POLICY);
    return context.html(frameHtml(mail.html, { ...view, cid, publicUrl: null }));
  });

  app.get('/:name/image', async (context) => {
    const bytes = await inbox.read(context.req.param('name'));
    const mail = bytes && (await parse(bytes));
    const image = mail?.attachments.find(({ cid }) => cid === context.req.query('id'));
    // SVG and HTML could hold scripts, and this is our own origin.
    if (!image || !/^image\/(?:png|jpeg|gif|webp)$/.test(image.contentType))
      return context.text('There is no such picture.', 404);
    return context.body(new Uint8Array(image.content), 200, { 'content-type': image.contentType });
  });

  app.get('/:name/message.eml', async (context) => {
    const bytes = await inbox.read(context.req.param('name'));
    if (!bytes) return context.text('There is no such message.', 404);
    return context.body(new Uint8Array(bytes), 200, {
      'content-type': 'message/rfc822',
      'content-disposition': 'attachment',
    });
  });
  return app;
}

/** Subject and date alone: the head of a message parses in a tenth of the time of the whole. */
async function headersOf(bytes: Uint8Array): Promise<{ subject: string; date: string }> {
  const text = Buffer.from(bytes);
  const end = text.indexOf('\r\n\r\n');
  const mail = await simpleParser(text.subarray(0, end < 0 ? undefined : end + 4));
  return { subject: mail.subject ?? '', date: mail.date?.toISOString().slice(0, 16).replace('T', ' ') ?? '' };
}
