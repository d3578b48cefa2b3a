import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { Context } from '../cli.ts';
import { fill } from '../email/stencil.ts';
import { EXIT } from '../exit.ts';
import { holeValue } from '../message/hole-value.ts';
import { readerLinks } from '../message/reader-links.ts';
import { senderOf } from '../message/sender-of.ts';
import { showFindings } from '../show-findings.ts';

interface BuildOptions {
  readonly issue?: string;
  readonly out: string;
  readonly site?: string;
  readonly json?: boolean;
}

/** `npm run build`: an issue as files, or with `--site` the whole archive. */
export default async function build(context: Context, options: BuildOptions): Promise<number> {
  const { issue, site } = options;
  if (issue !== undefined && site === undefined) return buildIssue(context, { ...options, issue });
  if (issue === undefined && site !== undefined) {
    const { buildSite } = await import('./build/build-site.ts');
    return buildSite(context, { ...options, site });
  }
  context.terminal.complain(
    issue === undefined
      ? 'Which issue?'
      : '--site is the archive of all issues that went out: it takes none.',
    'npm run build -- ISSUE, or: npm run build -- --site public',
  );
  return EXIT.usage;
}

/** Writes SLUG.html, SLUG.txt, SLUG.eml and the images to be hosted. */
async function buildIssue(
  context: Context,
  options: BuildOptions & { readonly issue: string },
): Promise<number> {
  const { app, terminal } = context;
  const rendered = await app.render(await app.project.findIssue(options.issue));
  await showFindings(context, rendered.findings);
  if (!rendered.email || rendered.findings.some(({ severity }) => severity === 'error')) {
    terminal.complain('Nothing was built.', 'Mend the errors above and run this again.');
    return EXIT.findings;
  }
  const { prepareMessages } = await import('../message/prepare-messages.ts');
  const { email } = rendered;
  const { linkSecret, dkimKey, newsletter } = app.config;
  const reader = { address: 'reader@example.com', key: 'reader@example.com', fields: {} };
  const sender = senderOf(newsletter, email, rendered.issue?.list ?? newsletter.list, 'test');
  const links = readerLinks(sender, reader, linkSecret);
  const value = (name: string) => holeValue(name, reader.fields, links);
  // In a browser a picture is a file beside the page, not a part of a message.
  const beside = (html: string) =>
    email.embedded.reduce(
      (text, { cid, filename }) => text.replaceAll(`cid:${cid}`, `images/${filename}`),
      html,
    );
  const stamp = prepareMessages(email, { id: `build-${email.slug}`, sender }, { linkSecret, dkimKey });
  // The issue's own date: building twice gives the same bytes.
  const message = stamp(reader, Date.parse(rendered.issue?.date?.slice(0, 10) ?? '2026-01-01'));
  const files: [string, string | Uint8Array][] = [
    [`${email.slug}.html`, beside(fill(email.html, value, reader.fields))],
    [`${email.slug}.txt`, fill(email.text, value, reader.fields)],
    [`${email.slug}.eml`, Buffer.concat(message.content)],
    ...email.embedded.map((image): [string, Uint8Array] => [`images/${image.filename}`, image.bytes]),
    ...email.hosted.map((image): [string, Uint8Array] => [image.path.replace(/^\//, ''), image.bytes]),
  ];
  const folder = resolve(app.config.root, options.out);
  for (const [name, content] of files) {
    const path = join(folder, name);
    if (!path.startsWith(folder + sep)) throw new Error(`An image would be written outside ${folder}`);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, content);
    if (!options.json) terminal.print(path);
  }
  if (options.json)
    terminal.print(
      JSON.stringify({ slug: email.slug, digest: email.digest, files: files.map(([name]) => name) }),
    );
  return EXIT.ok;
}
