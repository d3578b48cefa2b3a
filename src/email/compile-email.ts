import { createHash } from 'node:crypto';
import type { Token, Tokens } from 'marked';
import type { Finding, Severity } from '../finding.ts';
import type { Issue } from '../issue/issue.ts';
import { parseMailbox } from '../mailbox.ts';
import type { Newsletter } from '../newsletter.ts';
import { assembleText } from './assemble-text.ts';
import type { CompiledEmail, Email, ReadAsset, Section, Template } from './email.ts';
import { finishHtml } from './finish-html.ts';
import { openHoles } from './holes.ts';
import { openImagePlacer } from './images/image-source.ts';
import { renderLayout } from './layout/render-layout.ts';
import { unescapeEntities } from './markdown/entities.ts';
import { foldChoices } from './markdown/find-choices.ts';
import { openHeadings } from './markdown/headings.ts';
import { type FootnoteText, lexMarkdown, walk } from './markdown/lexer.ts';
import { removedFrom } from './markdown/removed.ts';
import { renderHtml } from './markdown/render-html.ts';
import { renderText, type TextContext } from './markdown/render-text.ts';
import { sanitize } from './markdown/sanitize.ts';
import { replaceFields, restoreFields } from './merge-fields.ts';
import { openPlaces } from './places.ts';
import { openResolver } from './resolve-link.ts';
import { cut, landingInHtml } from './stencil.ts';

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
  const holes = openHoles(`${issue.body}\n${issue.subject}\n${issue.title}\n${issue.preheader}`);
  const bodyAt = { path, line: issue.bodyLine, column: 1 };
  const body = replaceFields(issue.body, bodyAt, holes);
  const all = lexMarkdown(body.text);
  const places = openPlaces(issue.body, body.text, all, issue.bodyLine, body.toSource);
  const report = (
    severity: Severity,
    rule: string,
    at: { line: number; column: number },
    message: string,
    hint = '',
  ) => {
    findings.push({ rule, severity, path, line: at.line, column: at.column, message, hint });
  };
  for (const { offset, written } of body.malformed)
    report(
      'error',
      'merge-field',
      places.inSource(offset),
      `${written} is not a merge field.`,
      'Write {{subscriber.name}} or {{subscriber.name | "fallback"}}.',
    );
  const restore = (text: string) => restoreFields(text, body.uses, holes);

  const line = (key: string, fallback: string) =>
    issue.keys[key] ?? issue.keys[fallback] ?? { line: 1, column: 1 };
  const subject = replaceFields(issue.subject, { path, ...line('subject', 'title') }, holes);
  const title = replaceFields(issue.title, { path, ...line('title', 'title') }, holes);
  const preheader = replaceFields(
    issue.preheader ?? '',
    { path, ...line('preheader', 'description') },
    holes,
  );
  const from = issue.from === null ? newsletter.from : parseMailbox(issue.from);
  const replyTo = issue.replyTo === null ? newsletter.replyTo : parseMailbox(issue.replyTo);
  if ('fault' in from)
    report(
      'error',
      'from',
      line('from', 'title'),
      `"from": ${from.fault}.`,
      'Write it like Name <name@example.com>.',
    );
  if (replyTo && 'fault' in replyTo)
    report('error', 'reply-to', line('replyTo', 'title'), `"replyTo": ${replyTo.fault}.`);

  const notes = all.filter((token) => token.type === 'footnoteText') as FootnoteText[];
  const tokens = foldChoices(all, (mark, message, hint) =>
    report('error', 'choice', places.of(mark), message, hint),
  );
  const headings = openHeadings(tokens);
  const resolver = openResolver(newsletter.siteUrl, issue.webPath ?? `/${issue.slug}`, headings.ids);
  const hostedAt = newsletter.images === 'hosted' ? newsletter.publicUrl : null;
  const placer = openImagePlacer(issue.folder, COLUMN, hostedAt, readAsset, resolver.onSite);

  const uses = await surveyTokens(all);
  const footnote = (label: string) => {
    const index = notes.findIndex((note) => note.label === label);
    return index < 0 ? null : index + 1;
  };
  const context = { holes, code: restore, headingId: headings.idOf, footnote };

  const parts = sectionsOf(tokens, issue.title);
  const htmlSections = parts.map((part) => ({ ...part, html: finish(renderHtml(part.tokens, context)) }));
  if (notes.length > 0) htmlSections.at(-1)!.html += finish(notesHtml());
  const toc = htmlSections
    .filter((section) => section.title !== '')
    .map(({ id, title }) => ({ id: `s-${id}`, title }));
  const lang = issue.lang ?? newsletter.lang;
  const dir = issue.dir ?? (/^(ar|fa|he|ur|yi|ps|sd|ckb|dv)\b/.test(lang) ? 'rtl' : 'ltr');

  const token = (name: string) => holes.field(name, null);
  const layout = await renderLayout(
    {
      issue,
      title: title.text,
      subject: subject.text,
      preheader: preheader.text,
      sections: htmlSections.map(({ id, title, html }) => ({ id: id && `s-${id}`, title, html })),
      toc,
      lang,
      dir,
      logo: null,
      token,
    },
    template,
    newsletter,
  );
  findings.push(...layout.findings);
  const failed = findings.some(({ severity, rule }) => severity === 'error' && !rule.startsWith('image-'));
  if (failed || 'fault' in from || (replyTo && 'fault' in replyTo))
    return { email: null, findings, mjml: layout.mjml };

  const text = assembleText({ issue, title: title.text, lang, newsletter, token, sections: textSections() });
  const stencils = {
    subject: cut(subject.text, holes, () => 'header'),
    preheader: cut(preheader.text, holes, () => 'text'),
    html: cut(layout.html, holes, landingInHtml(layout.html)),
    text: cut(text, holes, () => 'text'),
  };
  const lost = body.uses.find(
    (use) =>
      !layout.html.includes(use.token) && !body.text.slice(0, 0).includes(use.token) && !isInCode(use.token),
  );
  if (lost)
    report(
      'error',
      'merge-field',
      lost,
      `${lost.written} was lost in the layout.`,
      'Move it out of the raw HTML around it.',
    );
  const sections: Section[] = htmlSections.map(({ id, title, token: first, html }) => ({
    id,
    title,
    line: first ? places.of(first).line : issue.bodyLine,
    size: Buffer.byteLength(html),
  }));
  const content = { slug: issue.slug, title: issue.title, lang, dir, from, replyTo, ...stencils } as const;
  const email: Email = {
    ...content,
    embedded: placer.embedded,
    hosted: placer.hosted,
    fields: [...subject.uses, ...title.uses, ...preheader.uses, ...body.uses].map(
      ({ token: _t, written: _w, ...use }) => use,
    ),
    links: uses.links,
    images: uses.images,
    sections,
    digest: digestOf(
      content,
      [...placer.embedded, ...placer.hosted].map((image) => image.bytes),
    ),
  };
  return { email: lost ? null : email, findings, mjml: layout.mjml };

  function finish(html: string): string {
    return finishHtml(sanitize(html), uses.placed, resolver.resolve);
  }

  function notesHtml(): string {
    const items = notes.map((note, index) => {
      const back = ` <a href="#fnref-${index + 1}" title="${index + 1}">↩</a>`;
      return `<li id="fn-${index + 1}">${renderHtml(note.tokens, context).replace(/(<\/p>)?$/, `${back}$1`)}</li>`;
    });
    return `<hr><ol>${items.join('')}</ol>`;
  }

  function textSections(): string[] {
    return parts.map((part, index) => {
      const links: string[] = [];
      const textContext: TextContext = { ...context, links, resolve: (href) => resolver.resolve(href) };
      let written = renderText(part.tokens, textContext);
      if (index === parts.length - 1)
        for (const [number, note] of notes.entries())
          written += `\n\n(${number + 1}) ${renderText(note.tokens, textContext)}`;
      const list = links.map((address, number) => `[${number + 1}] ${address}`).join('\n');
      return list ? `${written}\n\n${list}` : written;
    });
  }

  function isInCode(token: string): boolean {
    return [...walk(all)].some((one) => ['code', 'codespan'].includes(one.type) && one.raw.includes(token));
  }

  /** Links, images and raw HTML, each with its place; images are prepared on the way. */
  async function surveyTokens(tokens: readonly Token[]) {
    const links: Email['links'][number][] = [];
    const images: Email['images'][number][] = [];
    const placed = new Map<string, Awaited<ReturnType<typeof placer.place>>>();
    const placeImage = async (src: string, alt: string, at: { line: number; column: number }) => {
      const image = await placer.place(src);
      placed.set(src, image);
      if (image.kind === 'fault')
        report(
          'error',
          image.rule,
          at,
          `The image "${src.slice(0, 80)}" cannot be shown: ${image.fault}.`,
          'Put the file beside the issue, or give its https address.',
        );
      const size = image.kind === 'local' ? image : { width: null, height: null, size: 0 };
      images.push({ src, alt, width: size.width, height: size.height, size: size.size, ...at });
    };
    const noteLink = (href: string, text: string, at: { line: number; column: number }) => {
      const kind = href.startsWith('#') ? 'fragment' : /^mailto:/i.test(href) ? 'mailto' : 'link';
      links.push({ href, text, kind, ...at });
      const fault = resolver.fault(href);
      if (fault) report(fault.severity, fault.rule, at, fault.message, fault.hint);
    };
    for (const one of walk(tokens)) {
      if (one.type === 'link')
        noteLink(unescapeEntities((one as Tokens.Link).href), (one as Tokens.Link).text, places.of(one));
      else if (one.type === 'image')
        await placeImage(
          unescapeEntities((one as Tokens.Image).href),
          (one as Tokens.Image).text,
          places.of(one),
        );
      else if (one.type === 'html') {
        const at = places.of(one);
        for (const { offset, rule, message, hint } of removedFrom(one.raw))
          report('warning', rule, places.within(at, one.raw, offset), message, hint);
        for (const match of one.raw.matchAll(/<img\s[^>]*?src\s*=\s*["']?([^"'\s>]+)/gi))
          await placeImage(
            unescapeEntities(match[1]!),
            /alt\s*=\s*["']([^"']*)/i.exec(match[0])?.[1] ?? '',
            places.within(at, one.raw, match.index),
          );
        for (const match of one.raw.matchAll(/<a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)/gi))
          noteLink(unescapeEntities(match[1]!), '', places.within(at, one.raw, match.index));
      }
    }
    return { links, images, placed };
  }

  function sectionsOf(tokens: readonly Token[], issueTitle: string) {
    const parts: { id: string; title: string; tokens: Token[]; token: Token | null }[] = [
      { id: '', title: '', tokens: [], token: null },
    ];
    for (const one of tokens) {
      const heading = one.type === 'heading' ? (one as Tokens.Heading) : null;
      const isTitle = heading?.depth === 1 && parts.length === 1 && headings.textOf(heading) === issueTitle;
      if (isTitle) continue;
      if (heading && heading.depth <= 2)
        parts.push({
          id: headings.idOf(heading),
          title: headings.textOf(heading),
          tokens: [one],
          token: one,
        });
      else parts.at(-1)!.tokens.push(one);
    }
    return parts.filter(
      (part, index) =>
        index > 0 ||
        part.tokens.some((one) => one.type !== 'space' && one.type !== 'def') ||
        parts.length === 1,
    );
  }
}

function digestOf(content: object, images: readonly Uint8Array[]): string {
  const hash = createHash('sha256').update(JSON.stringify(content));
  for (const image of images) hash.update(createHash('sha256').update(image).digest());
  return hash.digest('hex');
}
