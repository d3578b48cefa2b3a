import mjml2html from 'mjml';
import type { Finding } from '../../finding.ts';
import { listBehind, type Newsletter } from '../../newsletter.ts';
import { isolate } from '../../words/isolate.ts';
import { wordsFor } from '../../words/words.ts';
import type { Template } from '../email.ts';
import { classesIn, compact, prune } from './compact.ts';
import { inlineCss } from './inline-css.ts';
import type { LayoutInput } from './layout-input.ts';
import { readyTemplate, type Source } from './ready-template.ts';
import { brandFor, breaksFor } from './script.ts';

/** What the layout gives; `html` is '' when a finding is an error. */
export interface Layout {
  readonly html: string;
  readonly mjml: string;
  readonly findings: readonly Finding[];
}

interface Place {
  readonly path: string;
  readonly line: number;
}

/**
 * Sets an issue's sections in a template: Handlebars → MJML → HTML, the style sheet inlined into the sections by juice.
 * MJML sees a token in place of each section, so that nothing an author wrote can break or slow it (its own inliner
 * throws on a declaration without a colon), and white space may be collapsed without touching theirs.
 */
export async function renderLayout(
  input: LayoutInput,
  template: Template,
  newsletter: Newsletter,
): Promise<Layout> {
  const findings: Finding[] = [];
  const fail = (path: string, line: number, message: string, hint = ''): Layout => ({
    html: '',
    mjml: '',
    findings: [...findings, { rule: 'template', severity: 'error', path, line, column: 1, message, hint }],
  });
  const ready = readyTemplate(template);
  if ('message' in ready) return fail(ready.path, ready.line, ready.message, ready.hint);
  const { sources } = ready;
  const fields = { subscriber: {} as Record<string, string>, links: {} as Record<string, string> };
  for (const name of ready.names) {
    const [room, key] = name.split('.') as ['subscriber' | 'links', string];
    fields[room][key] = input.token(name);
  }
  const slots = new Map<string, string>();
  const sections = input.sections.map((section, index) => {
    // The z ends it: without it the slot of section 1 would also be found in that of section 10.
    const slot = `${input.token('slot.prefix')}s${index}z`;
    slots.set(slot, section.html);
    return { ...section, html: slot };
  });
  const apart = (text: string) => isolate(text, input.dir);
  const fonts = brandFor(newsletter.brand, input.lang);
  const brand = { ...fonts, tagline: fonts.tagline && apart(fonts.tagline) };
  const list = newsletter.lists[listBehind(newsletter, input.issue.list ?? newsletter.list)];
  const words = wordsFor(input.lang);
  const rtl = input.dir === 'rtl';
  const context = {
    ...fields,
    issue: { ...input.issue.data, ...input.issue },
    newsletter,
    brand,
    words,
    why: list?.why
      ? apart(list.why)
      : words.why.replace('{list}', () => apart(list?.title ?? newsletter.name)),
    title: input.title,
    subject: input.subject,
    preheader: input.preheader,
    date: formatDate(input.issue.date, input.lang),
    sections,
    toc: input.toc.length >= 3 ? input.toc : [],
    lang: input.lang,
    dir: input.dir,
    start: rtl ? 'right' : 'left',
    end: rtl ? 'left' : 'right',
    rtl,
    breaks: breaksFor(input.lang),
    logo: input.logo,
    // `1 Press Lane` would else be read `Press Lane 1` from right to left.
    postalAddress: newsletter.postalAddress?.split('\n').map(apart) ?? [],
    // Invisible; fills what inboxes would otherwise fill with the first words of the body. They show up to 120 characters.
    padding: '\u034f\u00a0'.repeat(Math.max(20, 120 - input.preheader.length)),
  };
  let mjml: string;
  let css: string;
  try {
    mjml = ready.mjml(context);
    css = ready.css(context);
  } catch (error) {
    const [message = ''] = String((error as Error).message).split('\n');
    // Handlebars says what it misses, not where.
    const name = /(?:partial|helper:) "?([\w./-]+)/.exec(message)?.[1];
    const place = placeOf(
      sources,
      name ? [`{{> ${name}`, `{{>${name}`, `{{#${name}`, `{{${name}`, `(${name}`] : [],
    );
    return fail(place.path, place.line, `Handlebars: ${message}.`, 'See handlebarsjs.com for its syntax.');
  }

  let shell: string;
  try {
    const result = await mjml2html(mjml, {
      validationLevel: 'soft',
      keepComments: false,
      minify: false,
      // By itself MJML links Google's fonts for every Roboto in a font stack: readers would be told on.
      fonts: {},
    });
    for (const { tagName, message } of result.errors) {
      const place = placeOfTag(sources, tagName, message);
      findings.push({
        rule: 'template',
        severity: 'error',
        ...place,
        column: 1,
        message: `MJML: ${message}.`,
        hint: 'See documentation.mjml.io.',
      });
    }
    shell = result.html;
  } catch (error) {
    const message = String((error as Error).message).split('\n')[0]!;
    return {
      ...fail(template.path, Number(/[Ll]ine (\d+)/.exec(message)?.[1] ?? 1), `MJML: ${message}.`),
      mjml,
    };
  }
  if (findings.length > 0) return { html: '', mjml, findings };
  const place = placeOf(sources, ['{{#each sections']);
  if (sections.some((section) => !shell.includes(section.html)))
    return fail(
      place.path,
      place.line,
      "The template leaves out the issue's sections.",
      'Print {{{html}}} of each.',
    );
  if (sections.some(({ before = '', after = '' }) => !shell.includes(before) || !shell.includes(after)))
    return fail(
      place.path,
      place.line,
      'The template would show a section that is for some readers only to all.',
      'Print {{{before}}} and {{{after}}} around its row.',
    );
  const frame = compact(shell);
  const inlined = inlineCss(slots, css, classesIn(frame));
  const slot = new RegExp(`${input.token('slot.prefix')}s\\d+z`, 'g');
  const html = frame.replace(slot, (name) => inlined.get(name) ?? name);
  return { html: prune(html), mjml, findings };
}

function placeOfTag(sources: readonly Source[], tag: string, message: string): Place {
  const attributes = [...message.matchAll(/[Aa]ttributes? ([\w-]+)/g)].map((match) => match[1]!);
  return placeOf(sources, [...attributes, `<${tag}`]);
}

/** Where the first of the needles that is there stands; the first line of the first source when none is. */
function placeOf(sources: readonly Source[], needles: readonly string[]): Place {
  for (const needle of needles)
    for (const { path, source } of sources) {
      const line = source.split('\n').findIndex((text) => text.includes(needle));
      if (line >= 0) return { path, line: line + 1 };
    }
  return { path: sources[0]!.path, line: 1 };
}

/** To open one takes as long as to render a page of text. */
const calendars = new Map<string, Intl.DateTimeFormat>();

function formatDate(date: string | null, lang: string): string {
  if (date === null) return '';
  const calendar =
    calendars.get(lang) ?? new Intl.DateTimeFormat(lang, { dateStyle: 'long', timeZone: 'UTC' });
  calendars.set(lang, calendar);
  return calendar.format(new Date(date.slice(0, 10)));
}
