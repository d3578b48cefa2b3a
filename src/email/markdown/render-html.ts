import type { Token, Tokens } from 'marked';
import type { Words } from '../../words/words.ts';
import type { Choice } from '../email.ts';
import type { Holes } from '../holes.ts';
import { readAlert } from './alert.ts';
import type { Definitions } from './block-marks.ts';
import { endOfRawText } from './contain-html.ts';
import type { ChoiceBlock } from './find-choices.ts';
import { escapeCode, type Highlight, languageOf } from './highlight.ts';
import { rawBlock, rawHtml } from './raw-html.ts';
import { sanitize } from './sanitize.ts';

/** What rendering needs besides tokens. */
export interface HtmlContext {
  readonly holes: Holes;
  readonly dir: 'ltr' | 'rtl';
  /** The fixed words of the mail's language. */
  readonly words: Words;
  /** Code as the author wrote it: fields restored. */
  code(text: string): string;
  readonly highlight: Highlight;
  /** The id of a heading's text, unique in the email. */
  headingId(token: Tokens.Heading): string;
  /** Number of a footnote, from 1; null: there is no such footnote. */
  footnote(label: string): number | null;
  /** Is this mark what the way back from its note leads to? */
  isTarget(mark: Token): boolean;
}

/** Renders Markdown tokens to HTML that is not yet sanitised: raw HTML of the author passes through. */
export function renderHtml(tokens: readonly Token[], context: HtmlContext): string {
  return tokens.map((token) => block(token, context)).join('');
}

function block(token: Token, context: HtmlContext): string {
  switch (token.type) {
    case 'space':
    case 'def':
    case 'choiceMark':
    case 'footnoteText':
      return '';
    case 'heading': {
      const heading = token as Tokens.Heading;
      // The issue's title is the h1; a body's own h1 must not break the order of headings.
      const tag = `h${Math.max(heading.depth, 2)}`;
      return `<${tag} id="${context.headingId(heading)}">${inline(heading.tokens, context)}</${tag}>`;
    }
    case 'paragraph':
      return paragraph(token as Tokens.Paragraph, context);
    case 'text': {
      const text = token as Tokens.Text;
      return text.tokens
        ? (figure(text.tokens, context) ?? inline(text.tokens, context))
        : escapeText(text.text);
    }
    case 'list':
      return list(token as Tokens.List, context);
    case 'blockquote':
      return quote(token as Tokens.Blockquote, context);
    case 'code':
      return code(token as Tokens.Code, context);
    case 'hr':
      return '<hr>';
    case 'table':
      return table(token as Tokens.Table, context);
    case 'html':
      return rawBlock(token.raw);
    case 'definitions': {
      const parts = (token as Definitions).tokens.map(({ type, tokens }) => {
        const tag = type === 'term' ? 'dt' : 'dd';
        return `<${tag}>${inline(tokens, context)}</${tag}>`;
      });
      return `<dl>${parts.join('')}</dl>`;
    }
    case 'choice': {
      const { when, then, otherwise } = token as ChoiceBlock;
      const { open, turn, close } = context.holes.choice(when as Choice['when']);
      // Sanitised by itself: an element that one branch leaves open must not swallow what follows for its readers only.
      const branch = (tokens: readonly Token[]) => sanitize(renderHtml(tokens, context));
      return `${open}${branch(then)}${turn}${branch(otherwise)}${close}`;
    }
    default:
      return inline([token], context);
  }
}

function paragraph(token: Tokens.Paragraph, context: HtmlContext): string {
  const shown = token.tokens.filter(({ type }) => type !== 'attributes');
  const only = shown.length === 1 ? shown[0]! : null;
  if (only?.type === 'link' && (only as Tokens.Link).title?.toLowerCase() === 'button') {
    const { href, tokens } = only as Tokens.Link;
    const link = `<a href="${attribute(href)}">${inline(tokens, context)}</a>`;
    return `<table class="press" role="presentation"><tr><td class="button">${link}</td></tr></table>`;
  }
  const captioned = figure(token.tokens, context);
  if (captioned !== null) return captioned;
  const html = inline(token.tokens, context);
  // A card ends a paragraph.
  return html.includes('<table') ? `<div>${html}</div>` : `<p>${html}</p>`;
}

/** An image that stands alone and has a title, with it as its caption; null: it is none. */
function figure(tokens: readonly Token[], context: HtmlContext): string | null {
  const shown = tokens.filter(({ type }) => type !== 'attributes' && type !== 'checkbox');
  const caption = shown.length === 1 ? captionOf(shown[0]!) : null;
  if (caption === null) return null;
  return `<div class="figure">${inline(tokens, context)}<p class="caption">${escapeText(caption)}</p></div>`;
}

/** The title of an image that stands alone, perhaps as a link: a title that only a mouse can read is none. */
function captionOf(token: Token): string | null {
  if (token.type === 'image') return (token as Tokens.Image).title || null;
  if (token.type !== 'link') return null;
  const { tokens } = token as Tokens.Link;
  return tokens.length === 1 ? captionOf(tokens[0]!) : null;
}

function list(token: Tokens.List, context: HtmlContext): string {
  const items = token.items.map((item) => {
    const parts = item.tokens.filter((part) => part.type !== 'checkbox' && part.type !== 'space');
    const [first] = parts;
    // One paragraph alone needs no element of its own: in a loose list that is most of the markup.
    const inner =
      parts.length === 1 && first!.type === 'paragraph' && !figure(first!.tokens ?? [], context)
        ? inline((first as Tokens.Paragraph).tokens, context)
        : renderHtml(parts, context);
    if (!item.task) return `<li>${inner}</li>`;
    const box = item.checked ? '☑ ' : '☐ ';
    return `<li class="task">${inner.startsWith('<p>') ? `<p>${box}${inner.slice(3)}` : box + inner}</li>`;
  });
  const start = token.ordered && token.start !== 1 && token.start !== '' ? ` start="${token.start}"` : '';
  return token.ordered ? `<ol${start}>${items.join('')}</ol>` : `<ul>${items.join('')}</ul>`;
}

function quote(token: Tokens.Blockquote, context: HtmlContext): string {
  const alert = readAlert(token);
  if (!alert) return `<blockquote>${renderHtml(token.tokens, context)}</blockquote>`;
  const label = inline(alert.title, context) || context.words.alerts[alert.kind];
  return plate(`alert ${alert.kind} tint`, `<p class="label">${label}</p>${renderHtml(alert.body, context)}`);
}

function code(token: Tokens.Code, context: HtmlContext): string {
  const text = context.code(token.text);
  return plate(
    'code tint',
    `<pre><code>${context.highlight(text, languageOf(token)) ?? escapeCode(text)}</code></pre>`,
  );
}

/** A block on a ground of its own. Outlook pads nothing but table cells. */
function plate(classes: string, html: string): string {
  return `<table class="block" role="presentation" width="100%"><tr><td class="${classes}">${html}</td></tr></table>`;
}

/** Wide tables scroll by themselves on a phone, by keyboard too. A style aligns, for a style sheet's rule would win over `align`. From right to left, left is where a line ends. */
function table(token: Tokens.Table, context: HtmlContext): string {
  const sides = context.dir === 'rtl' ? { left: 'right', right: 'left', center: 'center' } : null;
  const cell = (tag: 'th' | 'td') => (one: Tokens.TableCell) => {
    const style = one.align ? ` style="text-align:${sides?.[one.align] ?? one.align}"` : '';
    return `<${tag}${tag === 'th' ? ' scope="col"' : ''}${style}>${inline(one.tokens, context)}</${tag}>`;
  };
  const row = (cells: Tokens.TableCell[], tag: 'th' | 'td') => `<tr>${cells.map(cell(tag)).join('')}</tr>`;
  const rows = token.rows.map((cells) => row(cells, 'td')).join('');
  return `<div class="scroll" tabindex="0"><table class="data"><thead>${row(token.header, 'th')}</thead><tbody>${rows}</tbody></table></div>`;
}

function inline(tokens: readonly Token[], context: HtmlContext): string {
  let rawUntil = -1;
  return tokens
    .map((token, index): string => {
      if (index <= rawUntil) return '';
      const rawEnd = endOfRawText(tokens, index);
      if (rawEnd !== null) {
        rawUntil = rawEnd;
        // An embed becomes a card; all others go, with a finding.
        const whole = tokens.slice(index, rawEnd + 1).map(({ raw }) => raw);
        return /^<(?:iframe|video|audio)/i.test(token.raw) ? rawHtml(whole.join('')) : '';
      }
      switch (token.type) {
        case 'text': {
          const text = token as Tokens.Text;
          return text.tokens ? inline(text.tokens, context) : escapeText(text.text);
        }
        case 'attributes':
          return '';
        case 'escape':
          return escapeText((token as Tokens.Escape).text);
        case 'strong':
          return `<strong>${inline((token as Tokens.Strong).tokens, context)}</strong>`;
        case 'em':
          return `<em>${inline((token as Tokens.Em).tokens, context)}</em>`;
        case 'del':
          return `<del>${inline((token as Tokens.Del).tokens, context)}</del>`;
        case 'mark':
          return `<mark>${inline((token as Tokens.Generic).tokens!, context)}</mark>`;
        case 'codespan':
          return `<code>${escapeCode(context.code((token as Tokens.Codespan).text))}</code>`;
        // Written with its item: in a loose list it also stands in the item's first paragraph.
        case 'checkbox':
          return '';
        case 'br':
          return '<br>';
        case 'link': {
          const link = token as Tokens.Link;
          const title = link.title ? ` title="${attribute(link.title)}"` : '';
          return `<a href="${attribute(link.href)}"${title}>${inline(link.tokens, context)}</a>`;
        }
        case 'image': {
          const image = token as Tokens.Image & { readonly width?: number };
          const width = image.width ? ` width="${image.width}"` : '';
          return `<img src="${attribute(image.href)}" alt="${attribute(plainText(image.tokens))}"${width}>`;
        }
        case 'html':
          return rawHtml(token.raw);
        case 'footnoteMark': {
          const number = context.footnote(token.label);
          return number === null
            ? escapeText(token.raw)
            : `<sup${context.isTarget(token) ? ` id="fnref-${number}"` : ''}><a href="#fn-${number}">${number}</a></sup>`;
        }
        default:
          return escapeText(token.raw);
      }
    })
    .join('');
}

/** The words of an image's description (CommonMark: its emphasis and links are none of them). */
export function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      if ('tokens' in token && token.tokens) return plainText(token.tokens);
      return 'text' in token ? String(token.text) : token.raw;
    })
    .join('');
}

/** marked leaves entities that the author wrote in `text`; those stay, all else is escaped. */
function escapeText(text: string): string {
  return text
    .replace(/&(?!(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});)/gi, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

function attribute(text: string): string {
  return escapeText(text)
    .replace(/'/g, '&#39;')
    .replace(/\s*\n\s*/g, ' ');
}
