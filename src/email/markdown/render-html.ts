import type { Token, Tokens } from 'marked';
import type { Choice } from '../email.ts';
import type { Holes } from '../holes.ts';
import { containHtml, endOfRawText } from './contain-html.ts';
import type { ChoiceBlock } from './find-choices.ts';
import { isKnownTag } from './known-tags.ts';

/** What rendering needs besides tokens. */
export interface HtmlContext {
  readonly holes: Holes;
  /** Code as the author wrote it: fields restored. */
  code(text: string): string;
  /** The id of a heading's text, unique in the email. */
  headingId(token: Tokens.Heading): string;
  /** Number of a footnote, from 1; null: there is no such footnote. */
  footnote(label: string): number | null;
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
      return text.tokens ? inline(text.tokens, context) : escapeText(text.text);
    }
    case 'list':
      return list(token as Tokens.List, context);
    case 'blockquote':
      return quote(token as Tokens.Blockquote, context);
    case 'code':
      return `<pre><code>${breakable(escapeText(context.code((token as Tokens.Code).text)))}</code></pre>`;
    case 'hr':
      return '<hr>';
    case 'table':
      return table(token as Tokens.Table, context);
    case 'html':
      return rawHtml(token.raw);
    case 'choice': {
      const { when, then, otherwise } = token as ChoiceBlock;
      const { open, turn, close } = context.holes.choice(when as Choice['when']);
      return `${open}${renderHtml(then, context)}${turn}${renderHtml(otherwise, context)}${close}`;
    }
    default:
      return inline([token], context);
  }
}

function paragraph(token: Tokens.Paragraph, context: HtmlContext): string {
  const only = token.tokens.length === 1 ? token.tokens[0]! : null;
  if (only?.type === 'link' && (only as Tokens.Link).title?.toLowerCase() === 'button') {
    const link = only as Tokens.Link;
    return `<p class="button"><a class="button" href="${attribute(link.href)}">${inline(link.tokens, context)}</a></p>`;
  }
  return `<p>${inline(token.tokens, context)}</p>`;
}

function list(token: Tokens.List, context: HtmlContext): string {
  const items = token.items.map((item) => {
    const box = item.task ? `<span class="box">${item.checked ? '☑' : '☐'}</span> ` : '';
    const inner = item.tokens
      .filter((part) => part.type !== 'checkbox')
      .map((part) => block(part, context))
      .join('');
    return `<li>${inner.startsWith('<p>') ? `<p>${box}${inner.slice(3)}` : box + inner}</li>`;
  });
  const start = token.ordered && token.start !== 1 && token.start !== '' ? ` start="${token.start}"` : '';
  return token.ordered ? `<ol${start}>${items.join('')}</ol>` : `<ul>${items.join('')}</ul>`;
}

const ALERTS: Record<string, string> = {
  NOTE: 'Note',
  TIP: 'Tip',
  IMPORTANT: 'Important',
  WARNING: 'Warning',
  CAUTION: 'Caution',
};

/** `Note` for a quote that begins with `[!NOTE]` on a line of its own; null for any other. */
export function alertOf(token: Tokens.Blockquote): string | null {
  const first = token.tokens[0];
  if (first?.type !== 'paragraph') return null;
  return ALERTS[/^\[!([A-Z]+)\][ \t]*(?:\n|$)/.exec(first.raw)?.[1] ?? ''] ?? null;
}

function quote(token: Tokens.Blockquote, context: HtmlContext): string {
  const name = alertOf(token);
  if (!name) return `<blockquote>${renderHtml(token.tokens, context)}</blockquote>`;
  const html = renderHtml(token.tokens, context)
    .replace(/^<p>\[!\w+\](?:<br>)?\s*/, '<p>')
    .replace(/^<p><\/p>/, '');
  return `<div class="alert ${name.toLowerCase()}"><p class="alert-title">${name}</p>${html}</div>`;
}

function table(token: Tokens.Table, context: HtmlContext): string {
  const cell = (tag: 'th' | 'td') => (one: Tokens.TableCell) =>
    `<${tag}${one.align ? ` align="${one.align}"` : ''}${tag === 'th' ? ' scope="col"' : ''}>${inline(one.tokens, context)}</${tag}>`;
  const row = (cells: Tokens.TableCell[], tag: 'th' | 'td') => `<tr>${cells.map(cell(tag)).join('')}</tr>`;
  return `<table class="data"><thead>${row(token.header, 'th')}</thead><tbody>${token.rows.map((cells) => row(cells, 'td')).join('')}</tbody></table>`;
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
        return /^<iframe/i.test(token.raw) ? `${rawHtml(token.raw)}</iframe>` : '';
      }
      switch (token.type) {
        case 'text': {
          const text = token as Tokens.Text;
          return text.tokens ? inline(text.tokens, context) : escapeText(text.text);
        }
        case 'escape':
          return escapeText((token as Tokens.Escape).text);
        case 'strong':
          return `<strong>${inline((token as Tokens.Strong).tokens, context)}</strong>`;
        case 'em':
          return `<em>${inline((token as Tokens.Em).tokens, context)}</em>`;
        case 'del':
          return `<del>${inline((token as Tokens.Del).tokens, context)}</del>`;
        case 'codespan':
          return `<code>${escapeText(context.code((token as Tokens.Codespan).text))}</code>`;
        case 'br':
          return '<br>';
        case 'link': {
          const link = token as Tokens.Link;
          const title = link.title ? ` title="${attribute(link.title)}"` : '';
          return `<a href="${attribute(link.href)}"${title}>${inline(link.tokens, context)}</a>`;
        }
        case 'image': {
          const image = token as Tokens.Image;
          const title = image.title ? ` title="${attribute(image.title)}"` : '';
          return `<img src="${attribute(image.href)}" alt="${attribute(image.text)}"${title}>`;
        }
        case 'html':
          return rawHtml(token.raw);
        case 'footnoteMark': {
          const number = context.footnote(token.label);
          return number === null
            ? escapeText(token.raw)
            : `<sup id="fnref-${number}"><a href="#fn-${number}">${number}</a></sup>`;
        }
        default:
          return escapeText(token.raw);
      }
    })
    .join('');
}

/** Author's HTML as it is, but what only looks like a tag (`Vec<T>`, `<user@host>`) as text. */
function rawHtml(raw: string): string {
  return containHtml(raw).replace(/<(\/?)([a-z][^\s/>]*)/gi, (whole, slash: string, name: string) =>
    isKnownTag(name) ? whole : `&lt;${slash}${name}`,
  );
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

/** Long lines of code wrap on a phone; Outlook ignores white-space, so breaks and indents are also markup. */
function breakable(code: string): string {
  return code;
}
