import type { Context } from 'hono';
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Newsletter } from '../newsletter.ts';
import { directionOf } from '../words/direction-of.ts';
import { isolate } from '../words/isolate.ts';
import { type PageWords, pageWordsFor } from '../words/page-words.ts';
import { pageStyle, styleHash } from './page-style.ts';

export type Markup = ReturnType<typeof html>;

/** A page that only says something: its title and its text are words of these names. */
type Notice = 'dead' | 'test' | 'missing' | 'unreadable' | 'tooMany' | 'failed' | 'used' | 'nobody';

/** The pages of one newsletter: its words, its look, and what they may load. */
export interface Pages {
  readonly words: PageWords;
  /** The language that they are in. */
  readonly lang: string;
  /** The path below which everything is: '' or that of `publicUrl`, without a slash at its end. */
  readonly base: string;
  /** Content-Security-Policy without `frame-ancestors`. */
  readonly policy: string;
  /** Puts values into fixed words; names that run against the text are set apart. */
  fill(words: string, values: Readonly<Record<string, string | number>>): string;
  /** The same as a document of its own, for a file. */
  document(title: string, main: readonly Markup[], head?: Markup): Markup;
  show(
    context: Context,
    status: ContentfulStatusCode,
    title: string,
    main: readonly Markup[],
    head?: Markup,
  ): Response | Promise<Response>;
  /** A page of a few lines: what was done. */
  say(context: Context, title: string, ...lines: readonly (string | Markup)[]): Response | Promise<Response>;
  notice(context: Context, status: ContentfulStatusCode, what: Notice): Response | Promise<Response>;
}

/**
 * Opens the pages in the newsletter's language, with its logo (an https or data address) or, without one, its name.
 * Values are escaped by `html`; no page has a script.
 */
export function openPages(newsletter: Newsletter, logo: string | null = null): Pages {
  const { lang, words } = pageWordsFor(newsletter.lang);
  const dir = directionOf(lang);
  const style = pageStyle(newsletter.brand);
  const { name, siteUrl, brand } = newsletter;
  const sign = logo === null ? name : html`<img src="${logo}" alt="${name}" width="${brand.logoWidth}">`;
  const images =
    logo === null ? '' : `; img-src ${logo.startsWith('data:') ? 'data:' : new URL(logo).origin}`;
  const document: Pages['document'] = (title, main, head) =>
    html`<!doctype html>
<html lang="${lang}" dir="${dir}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${name}</title>
${head ?? ''}${style}
</head>
<body>
<header><p>${siteUrl ? html`<a href="${siteUrl}">${sign}</a>` : sign}</p></header>
<main><h1>${title}</h1>
${main}
</main>
</body>
</html>`;
  const show: Pages['show'] = (context, status, title, main, head) =>
    context.html(document(title, main, head), status);
  return {
    words,
    lang,
    base: new URL(newsletter.publicUrl ?? 'http://localhost').pathname.replace(/\/$/, ''),
    policy: `default-src 'none'; style-src '${styleHash(style)}'; form-action 'self'; base-uri 'none'${images}`,
    fill: (text, values) =>
      text.replace(/\{(\w+)\}/g, (hole, key: string) =>
        Object.hasOwn(values, key) ? isolate(String(values[key]), dir) : hole,
      ),
    document,
    show,
    say: (context, title, ...lines) =>
      show(context, 200, title, [html`${lines.map((line) => html`<p>${line}</p>`)}`]),
    notice: (context, status, what) =>
      show(context, status, words[what], [html`<p>${words[`${what}Text`]}</p>`]),
  };
}
