import { Hono } from 'hono';
import { simpleParser } from 'mailparser';
import { frameHtml } from './frame-html.ts';
import { MAIL_POLICY } from './guard.ts';
import type { PreviewPorts } from './ports.ts';
import type { Shell } from './render-document.ts';
import { renderInboxPage } from './render-inbox-page.ts';
import { parseView, type View } from './view.ts';

/** So many messages are listed; the folder may hold a rehearsal to a large list. */
const LISTED = 100;

/** What the inbox received, also from other programs: parsed, and as it came. */
export function inboxRoutes(
  inbox: PreviewPorts['inbox'],
  shell: (view: View | null) => Promise<Shell>,
): Hono {
  // A mail is hostile: nothing of it is fetched, and the addresses of its pictures stay as they are.
  const parse = (bytes: Uint8Array) => simpleParser(Buffer.from(bytes), { skipImageLinks: true });
  const app = new Hono();

  app.get('/', async (context) => {
    const [newest] = await inbox.names();
    if (newest) return context.redirect(`/inbox/${newest}`);
    return context.html(renderInboxPage({ shell: await shell(null), messages: [], open: null }));
  });

  app.get('/:name', async (context) => {
    const name = context.req.param('name');
    const bytes = await inbox.read(name);
    if (!bytes) return context.text('There is no such message.', 404);
    const names = (await inbox.names()).slice(0, LISTED);
    const messages = await Promise.all(
      names.map(async (one) => ({ name: one, ...(await headOf(await inbox.read(one))) })),
    );
    const mail = await parse(bytes);
    const view = parseView(new URL(context.req.url).searchParams);
    return context.html(
      renderInboxPage({
        shell: await shell(null),
        messages,
        open: {
          name,
          view,
          subject: mail.subject ?? '',
          from: mail.from?.text ?? '',
          to: [mail.to ?? []]
            .flat()
            .map((one) => one.text)
            .join(', '),
          hasHtml: typeof mail.html === 'string' && mail.html !== '',
          text: mail.text ?? '',
          raw: Buffer.from(bytes).toString('latin1'),
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
    const scheme = view.scheme === 'beside' ? 'light' : view.scheme;
    context.header('content-security-policy', MAIL_POLICY);
    return context.html(frameHtml(mail.html, { ...view, scheme, cid, publicUrl: null }));
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
    const headers = { 'content-type': 'message/rfc822', 'content-disposition': 'attachment' };
    return context.body(new Uint8Array(bytes), 200, headers);
  });
  return app;
}

/** Subject and date alone: the head of a message parses in a tenth of the time of the whole. */
async function headOf(bytes: Uint8Array | null): Promise<{ subject: string; date: string }> {
  const text = Buffer.from(bytes ?? []);
  const end = text.indexOf('\r\n\r\n');
  const mail = await simpleParser(text.subarray(0, end < 0 ? undefined : end + 4));
  return { subject: mail.subject ?? '', date: mail.date?.toISOString().slice(0, 16).replace('T', ' ') ?? '' };
}
