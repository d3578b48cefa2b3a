import { type Context, Hono } from 'hono';
import { markBlocks } from './block-lines.ts';
import { drawClipLine } from './clip-line.ts';
import { frameHtml } from './frame-html.ts';
import { AXE_POLICY, MAIL_POLICY } from './guard.ts';
import type { LastGood } from './last-good.ts';
import { openIssue } from './open-issue.ts';
import type { Answer, PreviewPorts } from './ports.ts';
import type { Shell } from './render-document.ts';
import { renderIssuePage } from './render-issue-page.ts';
import { renderPane } from './render-pane.ts';
import { parseView, type View } from './view.ts';

/** So many links are asked for at once: enough to be quick, too few to be taken for an attack. */
const PROBES = 6;

/** Everything about one issue, below `/issues`. `token` proves that a POST comes from our own page. */
export function issueRoutes(
  ports: PreviewPorts,
  memory: LastGood,
  shell: (view: View | null) => Promise<Shell>,
  token: string,
): Hono {
  const app = new Hono();
  const baseOf = (slug: string) => `/issues/${encodeURIComponent(slug)}`;
  const openOf = async (context: Context) => {
    const slug = context.req.param('slug') ?? '';
    const view = parseView(new URL(context.req.url).searchParams);
    return { slug, view, base: baseOf(slug), issue: await openIssue(ports, memory, slug, view) };
  };
  const page = async (context: Context, answer: Answer | null) => {
    const { slug, view, base, issue } = await openOf(context);
    if (!issue) return context.text(`There is no issue "${slug}".`, 404);
    const { now, mail } = issue;
    const whole = { shell: await shell(view), base, view, now, token, answer, hasSpam: ports.spam !== null };
    if (!mail) return context.html(renderIssuePage({ ...whole, mail: null }));
    const { email, read } = mail;
    const found = view.find === '' ? [] : await ports.readers(mail.list, view.find, 20);
    return context.html(
      renderIssuePage({
        ...whole,
        mail: {
          ...mail,
          found,
          subject: read(email.subject),
          preheader: read(email.preheader),
          size: Buffer.byteLength(read(email.html)),
          pane: await renderPane(ports, { now, mail }, base, view),
        },
      }),
    );
  };
  /** The mail's HTML for a frame; null: there is nothing to show. */
  const frameOf = async (context: Context) => {
    const { view, base, issue } = await openOf(context);
    if (!issue?.mail) return null;
    const { email, shown, read } = issue.mail;
    const { body, bodyLine } = shown.issue!;
    const marked = markBlocks(drawClipLine(read(email.html)), body, bodyLine);
    const cid = (id: string) => `${base}/image?id=${encodeURIComponent(id)}`;
    const scheme = view.scheme === 'beside' ? 'light' : view.scheme;
    return frameHtml(marked, { ...view, scheme, cid, publicUrl: ports.newsletter.publicUrl });
  };

  app.get('/:slug', (context) => page(context, null));

  app.get('/:slug/email.html', async (context) => {
    const html = await frameOf(context);
    if (html === null) return context.text('There is nothing to show yet.', 404);
    context.header('content-security-policy', MAIL_POLICY);
    return context.html(html);
  });

  app.get('/:slug/axe.html', async (context) => {
    const html = await frameOf(context);
    if (html === null) return context.text('There is nothing to check yet.', 404);
    // The scripts of ours carry a nonce; whatever the mail holds has none, and the frame has no origin.
    const nonce = crypto.randomUUID();
    context.header('content-security-policy', AXE_POLICY.replace('NONCE', nonce));
    const run =
      'axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }).then(({ violations }) => ' +
      'parent.postMessage({ axe: violations.map(({ help, nodes }) => help + ": " + nodes.map(({ target }) => target.join(" ")).join(", ")) }, "*"))';
    return context.html(
      `${html}<script nonce="${nonce}">${await ports.axe()}</script><script nonce="${nonce}">${run}</script>`,
    );
  });

  app.get('/:slug/image', async (context) => {
    const email = (await openOf(context)).issue?.mail?.email;
    const id = context.req.query('id');
    const image =
      email?.embedded.find(({ cid }) => cid === id) ?? email?.hosted.find(({ path }) => path === id);
    if (!image) return context.text('There is no such picture.', 404);
    return context.body(new Uint8Array(image.bytes), 200, { 'content-type': image.type });
  });

  app.get('/:slug/message.eml', async (context) => {
    const { slug, issue } = await openOf(context);
    if (!issue?.mail) return context.text('There is nothing to send yet.', 404);
    return context.body(new Uint8Array(issue.mail.message()), 200, {
      'content-type': 'message/rfc822',
      'content-disposition': `attachment; filename="${slug.replace(/[^\w-]/g, '-')}.eml"`,
    });
  });

  const action = (
    name: string,
    act: (
      mail: NonNullable<NonNullable<Awaited<ReturnType<typeof openIssue>>>['mail']>,
      form: FormData,
    ) => Promise<Answer>,
  ) =>
    app.post(`/:slug/${name}`, async (context) => {
      const form = await context.req.formData();
      if (form.get('token') !== token)
        return context.text('This page is of an earlier preview: load it again.', 403);
      const { issue } = await openOf(context);
      if (!issue?.now.email || !issue.mail)
        return page(context, { good: false, lines: ['The issue has errors: mend them first.'] });
      return page(context, await act(issue.mail, form));
    });

  action('test', (mail, form) => ports.sendTest(mail.email, mail.list, String(form.get('to') ?? '').trim()));
  action('spam', async (mail) =>
    ports.spam
      ? ports.spam(mail.message())
      : { good: false, lines: ['No SpamAssassin is configured: set SPAMD=host:783.'] },
  );
  action('probe', async (mail) => {
    const links = mail.email.links.filter(({ href }) => /^https?:/i.test(href));
    const hrefs = [...new Set(links.map(({ href }) => href))];
    const results = new Map<string, { readonly works: boolean; readonly words: string }>();
    const queue = [...hrefs];
    const lane = async () => {
      for (let href = queue.shift(); href !== undefined; href = queue.shift())
        results.set(href, await ports.probe(href));
    };
    await Promise.all(Array.from({ length: PROBES }, lane));
    const broken = hrefs.filter((href) => !results.get(href)!.works);
    const lines = broken.map((href) => {
      const where = links.filter((link) => link.href === href).map(({ line }) => line);
      return `${href} (line ${where.join(', ')}): ${results.get(href)!.words}`;
    });
    return {
      good: broken.length === 0,
      lines: [`${hrefs.length - broken.length} of ${hrefs.length} links work.`, ...lines],
    };
  });
  return app;
}
