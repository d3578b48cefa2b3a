import type { Token } from 'marked';
import type { Finding } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import { parseMailbox } from '../mailbox.ts';
import type { Newsletter } from '../newsletter.ts';
import { directionOf } from '../words/direction-of.ts';
import { wordsFor } from '../words/words.ts';
import { around } from './around.ts';
import { assembleText } from './assemble-text.ts';
import { digestOf } from './digest.ts';
import type { CompiledEmail, FieldUse, ReadAsset, Template } from './email.ts';
import { finishHtml } from './finish-html.ts';
import { findFootnotes } from './footnotes.ts';
import { openHoles } from './holes.ts';
import { htmlOfParts } from './html-of-parts.ts';
import { openImagePlacer } from './images/image-source.ts';
import { placeLogo } from './images/place-logo.ts';
import { languageOf } from './language.ts';
import { renderLayout } from './layout/render-layout.ts';
import { openHighlight } from './markdown/highlight.ts';
import { litBackgrounds } from './markdown/lit-backgrounds.ts';
import { sanitize } from './markdown/sanitize.ts';
import { scrollTables } from './markdown/scroll-tables.ts';
import { isTooDeep } from './markdown/too-deep.ts';
import { type Replaced, replaceFields } from './merge-fields.ts';
import { readBody } from './read-body.ts';
import { checkReferences } from './references.ts';
import { openReport } from './report.ts';
import { openResolver } from './resolve-link.ts';
import { divide } from './sections.ts';
import { cut, landingInHtml, landingInText } from './stencil.ts';
import { survey } from './survey.ts';
import { textOfParts } from './text-of-parts.ts';

/** CSS pixels of the text column: 600 less the padding on both sides. */
const COLUMN = 520;

/**
 * Compiles an issue once for all its readers. Takes the issue, its template, the newsletter and a reader of local
 * files; gives the Email with its holes and digest, and all findings. The same input gives the same digest.
 */
export async function compileEmail(
  issue: Issue,
  template: Template,
  newsletter: Newsletter,
  readAsset: ReadAsset,
): Promise<CompiledEmail> {
  const findings: Finding[] = [];
  const { path } = issue;
  const report = openReport(path, findings);
  const placeOf = (key: string, fallback: string) =>
    issue.keys[key] ?? issue.keys[fallback] ?? { line: 1, column: 1 };

  // Merge fields and choices become tokens.
  const holes = openHoles(`${issue.body}\n${issue.subject}\n${issue.title}\n${issue.preheader}`);
  const replace = (text: string, key: string, fallback: string) =>
    replaceFields(text, { path, ...placeOf(key, fallback) }, holes);
  const subject = replace(issue.subject, 'subject', 'title');
  const title = replace(issue.title, 'title', 'title');
  const preheader = replace(issue.preheader ?? '', 'preheader', 'description');
  const from = issue.from === null ? newsletter.from : parseMailbox(issue.from);
  const replyTo = issue.replyTo === null ? newsletter.replyTo : parseMailbox(issue.replyTo);
  if ('fault' in from)
    report(
      'error',
      'from',
      placeOf('from', 'title'),
      `"from": ${from.fault}.`,
      'Write Name <name@example.com>.',
    );
  if (replyTo && 'fault' in replyTo)
    report('error', 'reply-to', placeOf('replyTo', 'title'), `"replyTo": ${replyTo.fault}.`);

  // The body: tokens, parts, links, images.
  const body = readBody(issue, holes, report);
  if (!body) return { email: null, findings, mjml: '' };
  const { tokens, headings, anchors, places } = body;
  const resolver = openResolver(newsletter.siteUrl, issue.webPath ?? `/${issue.slug}`, anchors, holes.begins);
  const hostedAt = newsletter.images === 'hosted' ? newsletter.publicUrl : null;
  const placer = openImagePlacer(
    { issue: issue.folder, assets: newsletter.assetsDir },
    COLUMN,
    hostedAt,
    readAsset,
    resolver.onSite,
  );
  const { links, images, placed } = await survey(tokens, { holes, places, placer, resolver, report });
  checkReferences(tokens, headings, places, report);
  const logo = await placeLogo(newsletter.brand, placer);
  if (logo && 'finding' in logo) findings.push(logo.finding);
  const notes = findFootnotes(tokens);
  const lang = issue.lang ?? languageOf(`${issue.title}\n${issue.body}`, newsletter.lang);
  const dir = issue.dir ?? directionOf(lang);
  const context = {
    holes,
    dir,
    words: wordsFor(lang),
    code: holes.restore,
    highlight: await openHighlight(tokens),
    headingId: headings.idOf,
    footnote: (label: string) => notes?.numberOf(label) ?? null,
    isTarget: (mark: Token) => notes?.isTarget(mark) ?? false,
    resolve: resolver.resolve,
  };

  // The HTML part.
  const parts = divide(tokens, headings, title.text);
  const finish = (html: string) =>
    finishHtml(
      litBackgrounds(scrollTables(sanitize(html)), newsletter.brand.text),
      placed,
      resolver.resolve,
      COLUMN,
    );
  const rows = htmlOfParts(parts, notes, context, finish);
  for (const { html, heading } of rows)
    if (isTooDeep(html)) {
      const at = heading ? places.of(heading) : { line: issue.bodyLine, column: 1 };
      report(
        'error',
        'nesting',
        at,
        'HTML in this part is nested too deeply to be sent.',
        'Take levels out.',
      );
      return { email: null, findings, mjml: '' };
    }
  reportLost(body.uses, rows.map(({ html }) => html).join(''));
  const token = (name: string) => holes.field(name, null);
  const entry = ({ id, title, within }: (typeof rows)[number]) => ({
    id,
    title,
    ...around(within, holes),
  });
  const layout = await renderLayout(
    {
      issue,
      title: title.text,
      subject: subject.text,
      preheader: preheader.text,
      sections: rows.map((row) => ({ ...entry(row), html: row.html })),
      toc: rows.filter((row) => row.title !== '').map(entry),
      lang,
      dir,
      logo: logo && 'finding' in logo ? null : logo,
      token,
    },
    template,
    newsletter,
  );
  findings.push(...layout.findings);
  // An image that cannot be shown stops a send, but not the preview.
  const failed = findings.some(({ severity, rule }) => severity === 'error' && !rule.startsWith('image-'));
  if (failed || 'fault' in from || (replyTo && 'fault' in replyTo))
    return { email: null, findings, mjml: layout.mjml };

  // The text part, and all of it cut at the tokens.
  const text = assembleText({
    issue,
    title: title.text,
    lang,
    dir,
    newsletter,
    token,
    leads: layout.html.includes(token('links.unsubscribe')),
    body: textOfParts(parts, notes, context),
  });
  const content = {
    slug: issue.slug,
    title: issue.title,
    lang,
    dir,
    from,
    replyTo,
    subject: cut(subject.text, holes, () => 'header'),
    preheader: cut(preheader.text, holes, () => 'text'),
    html: cut(layout.html, holes, landingInHtml(layout.html)),
    text: cut(text, holes, landingInText(text)),
    embedded: placer.embedded,
    hosted: placer.hosted,
  } as const;
  const email = {
    ...content,
    fields: fieldUses(subject, title, preheader, body),
    links,
    images,
    sections: rows.map(({ id, title, heading, html }) => ({
      id,
      title: holes.restore(title),
      line: heading ? places.of(heading).line : issue.bodyLine,
      size: Buffer.byteLength(html),
    })),
    archive: issue.archive !== false,
    digest: digestOf(content),
  };
  return { email, findings, mjml: layout.mjml };

  /** Every hole that goes in must come out: the sanitiser may have taken one out with its element. */
  function reportLost(uses: Replaced['uses'], html: string): void {
    for (const use of uses)
      if (!html.includes(use.token))
        report(
          'error',
          'merge-field',
          use,
          `The merge field "${use.field}" was lost with the raw HTML around it.`,
          'Move it out of there.',
        );
  }
}

/** Each use once: a subject that is the title stands at one place. */
function fieldUses(...texts: readonly Pick<Replaced, 'uses'>[]): FieldUse[] {
  const uses = new Map<string, FieldUse>();
  for (const { field, fallback, path, line, column } of texts.flatMap((text) => text.uses))
    uses.set(`${line}:${column}`, { field, fallback, path, line, column });
  return [...uses.values()];
}
