import { Marked, type Token } from 'marked';

const marked = new Marked({ gfm: true });

/** The words of a piece of inline Markdown, on one line: links as their text, no emphasis, tags or entities. */
export function stripMarkdown(markdown: string): string {
  return words(marked.Lexer.lexInline(markdown.replace(/\s+/g, ' ')))
    .replace(/\s+/g, ' ')
    .trim();
}

function words(tokens: readonly Token[]): string {
  return tokens
    .map((token): string => {
      if (token.type === 'html') return '';
      if (token.type === 'br') return ' ';
      if ('tokens' in token && token.tokens) return words(token.tokens);
      return 'text' in token ? unescapeEntities(String(token.text)) : token.raw;
    })
    .join('');
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function unescapeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{2,6}));/gi, (whole, decimal, hex, name) => {
    if (name) return NAMED[String(name).toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hex, 16);
    return code > 31 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
  });
}
