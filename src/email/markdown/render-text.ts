import type { Token, Tokens } from 'marked';
import { readAlert } from './alert.ts';
import type { Definitions } from './block-marks.ts';
import { cite } from './cite.ts';
import { containHtml, endOfRawText } from './contain-html.ts';
import { unescapeEntities } from './entities.ts';
import type { ChoiceBlock } from './find-choices.ts';
import { htmlText } from './html-text.ts';
import { type HtmlContext, plainText } from './render-html.ts';
import { wrap } from './wrap.ts';

/**
 * Plain text being made: `links` collects addresses, cited as [1], until the section ends. In a choice it is null, and
 * addresses stand in the text itself: the list below is for all readers.
 */
export interface TextContext extends HtmlContext {
  readonly links: string[] | null;
  /** The address as it is mailed. */
  resolve(href: string): string;
}

const WIDTH = 72;

/** Tokens that nobody reads. */
const SILENT = new Set(['space', 'def', 'choiceMark', 'footnoteText', 'checkbox', 'attributes']);

/**
 * Renders Markdown tokens as plain text, blocks parted by `gap`, wrapped at `width` columns. The gap beside a choice is
 * in its branches, so that a branch that a reader does not get leaves none behind: after its blocks while nothing
 * stands above that all readers get, then before them.
 */
export function renderText(
  tokens: readonly Token[],
  context: TextContext,
  width = WIDTH,
  gap = '\n\n',
): string {
  const visible = tokens.filter(({ type }) => !SILENT.has(type));
  if (visible.length === 1 && visible[0]!.type === 'choice')
    return piece(visible[0]!, context, width, '', '');
  let text = '';
  let below = false;
  for (const token of visible) {
    const choice = token.type === 'choice';
    const next = piece(token, context, width, below ? gap : '', !below && choice ? gap : '');
    if (next !== '' && !choice) below = true;
    text += next;
  }
  return text;
}

/** Renders tokens so that each ends with a blank line of its own. */
export function renderBlocks(tokens: readonly Token[], context: TextContext, width = WIDTH): string {
  return tokens.map((token) => piece(token, context, width, '', '\n\n')).join('');
}

/** A block with what stands before and after it, or a choice whose blocks each have it. */
function piece(token: Token, context: TextContext, width: number, before: string, after: string): string {
  if (token.type !== 'choice') {
    const text = block(token, context, width);
    return text.trim() === '' ? '' : before + text + after;
  }
  const { when, then, otherwise } = token as ChoiceBlock;
  const { open, turn, close } = context.holes.choice(when);
  const inside = { ...context, links: null };
  const branch = (tokens: readonly Token[]) =>
    before === after
      ? renderText(tokens, inside, width)
      : tokens.map((one) => piece(one, inside, width, before, after)).join('');
  return open + branch(then) + turn + branch(otherwise) + close;
}

function block(token: Token, context: TextContext, width: number): string {
  if (SILENT.has(token.type)) return '';
  switch (token.type) {
    case 'heading': {
      const heading = token as Tokens.Heading;
      const text = inline(heading.tokens, context);
      if (heading.depth <= 2) return `${wrap(text, width)}\n${'-'.repeat(Math.min(text.length, width))}`;
      return wrap(`${'#'.repeat(heading.depth)} ${text}`, width);
    }
    case 'paragraph':
      return wrap(inline((token as Tokens.Paragraph).tokens, context), width);
    case 'text': {
      const text = token as Tokens.Text;
      return wrap(text.tokens ? inline(text.tokens, context) : unescapeEntities(text.text), width);
    }
    case 'list':
      return list(token as Tokens.List, context, width);
    case 'blockquote':
      return quote(token as Tokens.Blockquote, context, width);
    case 'code':
      return prefix(context.code((token as Tokens.Code).text), '    ', '    ');
    case 'hr':
      return '* * *';
    case 'table':
      return table(token as Tokens.Table, context);
    case 'definitions':
      return (token as Definitions).tokens
        .map(({ type, tokens }, index) => {
          const text = wrap(inline(tokens, context), width - 4);
          if (type === 'definition') return prefix(text, '    ', '    ');
          return index === 0 ? text : `\n${text}`;
        })
        .join('\n');
    case 'html':
      return wrap(htmlText(containHtml(token.raw), context), width);
    default:
      return wrap(inline([token], context), width);
  }
}

function quote(token: Tokens.Blockquote, context: TextContext, width: number): string {
  const alert = readAlert(token);
  const inner = Math.max(width - 2, 20);
  const label = alert && (inline(alert.title, context) || context.words.alerts[alert.kind]);
  const text = renderText(alert?.body ?? token.tokens, context, inner);
  return prefix((label ? `${wrap(label, inner)}\n\n${text}` : text).trimEnd(), '> ', '> ');
}

function list(token: Tokens.List, context: TextContext, width: number): string {
  const first = typeof token.start === 'number' ? token.start : 1;
  const items = token.items.map((item, index) => {
    const bullet = token.ordered ? `${first + index}. ` : '- ';
    const box = item.task ? (item.checked ? '[x] ' : '[ ] ') : '';
    const text = renderText(
      item.tokens,
      context,
      Math.max(width - bullet.length, 20),
      item.loose ? '\n\n' : '\n',
    );
    return prefix(box + text, bullet, ' '.repeat(bullet.length));
  });
  return items.join(token.loose ? '\n\n' : '\n');
}

function table(token: Tokens.Table, context: TextContext): string {
  const rows = [token.header, ...token.rows].map((cells) =>
    cells.map((cell) =>
      inline(cell.tokens, context)
        .replace(/\s*[\n\u2028]\s*/g, ' ')
        .trim(),
    ),
  );
  const widths = token.header.map((_cell, column) =>
    Math.max(...rows.map((row) => [...(row[column] ?? '')].length), 3),
  );
  if (widths.reduce((sum, width) => sum + width + 3, 0) > WIDTH) return tableAsList(rows);
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        token.align[column] === 'right' ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join(' | ')
      .trimEnd(),
  );
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('-|-'), ...lines.slice(1)].join('\n');
}

/** A table too wide for a mail: a paragraph a row, each cell under its column's name. */
function tableAsList(rows: string[][]): string {
  const [header = [], ...body] = rows;
  if (body.length === 0) return header.join('\n');
  return body
    .map((row) =>
      row.map((cell, column) => (header[column] ? `${header[column]}: ${cell}` : cell)).join('\n'),
    )
    .join('\n\n');
}

function inline(tokens: readonly Token[], context: TextContext): string {
  let text = '';
  const open: string[] = [];
  let rawUntil = -1;
  for (const [index, token] of tokens.entries()) {
    if (index <= rawUntil) continue;
    const rawEnd = endOfRawText(tokens, index);
    rawUntil = rawEnd ?? rawUntil;
    if (rawEnd !== null) {
      const whole = tokens.slice(index, rawEnd + 1).map(({ raw }) => raw);
      text += htmlText(containHtml(whole.join('')), context);
    } else if (token.type === 'html') text += inlineHtml(token.raw, open, context);
    else text = join(text, words(token, context), token);
  }
  return text;
}

/** A bare address needs air around it: glued to Chinese or Japanese, programs would make all of it the link. */
function join(text: string, next: string, token: Token): string {
  const bare = token.type === 'link' && /^(?:https?:\/\/|www\.)\S*$/.test(next);
  const glued = bare
    ? /[^\0-\x7f]$/.test(text)
    : /(?:https?:\/\/|www\.)\S*$/.test(text) && /^[^\0-\x7f]/.test(next);
  return `${text}${glued ? ' ' : ''}${next}`;
}

function words(token: Token, context: TextContext): string {
  switch (token.type) {
    case 'text': {
      const text = token as Tokens.Text;
      return text.tokens ? inline(text.tokens, context) : unescapeEntities(text.text);
    }
    case 'attributes':
      return '';
    case 'escape':
      return unescapeEntities((token as Tokens.Escape).text);
    case 'strong':
      return `*${inline((token as Tokens.Strong).tokens, context)}*`;
    case 'em':
      return `_${inline((token as Tokens.Em).tokens, context)}_`;
    case 'del':
      return `~${inline((token as Tokens.Del).tokens, context)}~`;
    case 'mark':
      return inline((token as Tokens.Generic).tokens!, context);
    case 'codespan':
      return context.code((token as Tokens.Codespan).text);
    case 'checkbox':
      return '';
    case 'br':
      return '\u2028';
    case 'link': {
      const link = token as Tokens.Link;
      return cite(inline(link.tokens, context), unescapeEntities(link.href), context);
    }
    case 'image': {
      const image = token as Tokens.Image;
      const caption = image.title ? ` ${unescapeEntities(image.title)}` : '';
      return `[${unescapeEntities(plainText(image.tokens)) || context.words.image}]${caption}`;
    }
    case 'footnoteMark': {
      const number = context.footnote(token.label);
      return number === null ? token.raw : ` (${number})`;
    }
    default:
      return token.raw;
  }
}

function inlineHtml(raw: string, open: string[], context: TextContext): string {
  if (/^<br\b/i.test(raw)) return '\u2028';
  const href = /^<a\s[^>]*href\s*=\s*["']?([^"'\s>]+)/i.exec(raw)?.[1];
  if (href) open.push(href);
  if (/^<\/a\s*>/i.test(raw) && open.length > 0) return cite('', unescapeEntities(open.pop()!), context);
  return href ? '' : htmlText(raw, context);
}

function prefix(text: string, first: string, rest: string): string {
  return text
    .split('\n')
    .map((line, index) => (index === 0 ? first + line : line === '' ? rest.trimEnd() : rest + line))
    .join('\n');
}
