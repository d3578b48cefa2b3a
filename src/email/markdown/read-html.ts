import { Parser } from 'htmlparser2';
import { containHtml } from './contain-html.ts';
import { EMBED_TAGS, isKnownTag, REMOVED_TAGS } from './known-tags.ts';
import { schemeOf } from './schemes.ts';

/** What stands in a piece of raw HTML, with offsets into it. */
export interface HtmlContent {
  readonly links: readonly { readonly href: string; readonly offset: number }[];
  /** What fragments may point to. */
  readonly anchors: readonly string[];
  readonly images: readonly { readonly src: string; readonly alt: string; readonly offset: number }[];
  /** What `sanitize` and `containHtml` will take out or mend. */
  readonly faults: readonly {
    readonly offset: number;
    readonly rule: string;
    readonly message: string;
    readonly hint: string;
  }[];
}

/** Elements whose text is code. */
const VERBATIM = /^(?:pre|code|script|style|textarea|title|svg|math)$/;

/** What is Markdown without doubt: strong words, a link, a heading. */
const MARKDOWN =
  /\*\*[^\s*][^*\n]{0,200}\*\*|\[[^\][\n]{1,200}\]\((?:https?:|\/|#)[^)\s]{0,300}\)|(?<=^|\n)#{1,6} \S[^\n]{0,60}/;

/** Nobody reads more findings than this about one piece of HTML. */
const MOST = 50;

/** Reads a piece of an author's HTML as the sanitiser will, by a parser: one pass, whatever its quotes and brackets. */
export function readHtml(raw: string): HtmlContent {
  const links: { href: string; offset: number }[] = [];
  const anchors: string[] = [];
  const images: { src: string; alt: string; offset: number }[] = [];
  const faults: { offset: number; rule: string; message: string; hint: string }[] = [];
  const fault = (offset: number, rule: string, message: string, hint = 'Delete it.') => {
    if (faults.length < MOST) faults.push({ offset, rule, message, hint });
  };
  let start = 0;
  let verbatim = 0;
  const parser = new Parser({
    onopentagname(name) {
      start = parser.startIndex;
      if (VERBATIM.test(name)) verbatim += 1;
      if (REMOVED_TAGS.includes(name))
        fault(start, 'html-removed', `<${name}> was taken out: mail clients do not allow it.`);
    },
    onattribute(name, value) {
      const at = parser.startIndex;
      if (/^on[a-z]+$/.test(name)) fault(at, 'html-removed', `The event handler "${name}" was taken out.`);
      // A link's own address is checked with all others.
      if (name === 'background')
        fault(at, 'html-removed', 'A background image was taken out.', 'Use an image.');
      if (['src', 'action', 'formaction', 'xlink:href'].includes(name) && isScript(value))
        fault(at, 'html-removed', `A ${schemeOf(value)}: address was taken out.`, 'Use an https address.');
      if (name === 'style') for (const message of styleFaults(value)) fault(at, 'html-style', message);
    },
    onclosetag(name) {
      if (VERBATIM.test(name)) verbatim -= 1;
    },
    ontext(text) {
      const mark = verbatim === 0 ? MARKDOWN.exec(text) : null;
      const at = parser.startIndex + (mark?.index ?? 0);
      if (mark)
        fault(
          at,
          'html-markdown',
          `"${mark[0].trim().slice(0, 60)}" stands in HTML, where Markdown is not read.`,
          'Leave a line blank after the tag, or write it in HTML.',
        );
    },
    oncomment(data) {
      const name = /^(?:\?\w*|\[CDATA\[)/i.exec(data)?.[0];
      if (name) fault(parser.startIndex, 'html-removed', `"<${name}" was taken out with what it holds.`);
    },
    onopentag(name, attributes) {
      const { href, src, alt = '', id, name: anchor } = attributes;
      if (!isKnownTag(name) && (name.includes('-') || Object.keys(attributes).length > 0))
        fault(
          start,
          'html-unknown',
          `"<${name.slice(0, 60)}" is no element of HTML: readers see it as it is.`,
        );
      if (EMBED_TAGS.includes(name))
        fault(start, 'html-embed', `<${name}> does not work in mail: a link stands in its place.`, '');
      if (id) anchors.push(id);
      if (name === 'a' && anchor) anchors.push(anchor);
      if (name === 'a' && href) links.push({ href, offset: start });
      if (name === 'img' && src) images.push({ src, alt, offset: start });
    },
  });
  parser.write(raw);
  parser.end();
  containHtml(raw, (offset, name) => {
    if (/^[!?]/.test(name) || isKnownTag(name))
      fault(offset, 'html-unclosed', `"<${name}" is never closed.`, 'Close it, or delete it.');
  });
  return { links, images, anchors, faults };
}

function isScript(address: string): boolean {
  return ['javascript', 'vbscript', 'data', 'file', 'blob'].includes(schemeOf(address));
}

function styleFaults(style: string): string[] {
  const faults: string[] = [];
  // A backslash writes a letter by its number: nobody does that who has nothing to hide.
  if (/\\|url\s{0,9}\(|@import|expression\s{0,9}\(|-moz-binding|behavior\s{0,9}:/i.test(style))
    faults.push('CSS that fetches or runs something was taken out.');
  const broken = style
    .split(';')
    .map((declaration) => declaration.trim())
    .find((declaration) => declaration !== '' && !/^[\w-]+\s{0,9}:/.test(declaration));
  if (broken) faults.push(`"${broken.slice(0, 60)}" is not a CSS declaration and was taken out.`);
  return faults;
}
