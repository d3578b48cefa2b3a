import { DomUtils, parseDocument } from 'htmlparser2';
import { Marked, type Token, type Tokens } from 'marked';

const marked = new Marked({ gfm: true });

/** The words of a piece of inline Markdown, on one line: links as their text, no emphasis, tags or entities. */
export function stripMarkdown(markdown: string): string {
  return words(marked.Lexer.lexInline(markdown.replace(/\s+/g, ' ')))
    .replace(/\s+/g, ' ')
    .trim();
}

/** The words of the first h1 of a Markdown text, or null. A `# comment` in a code block is none. */
export function firstHeading(markdown: string): string | null {
  const heading = marked
    .lexer(markdown)
    .find((token): token is Tokens.Heading => token.type === 'heading' && token.depth === 1);
  return heading ? stripMarkdown(heading.text) || null : null;
}

function words(tokens: readonly Token[]): string {
  return tokens
    .map((token, index): string => {
      // A backslash before {{ stays: it keeps a merge field literal, and is read where merge fields are.
      if (token.raw === '\\{' && tokens[index + 1]?.raw.startsWith('{')) return token.raw;
      if (token.type === 'html') return '';
      if (token.type === 'br') return ' ';
      if (token.type === 'codespan' || token.type === 'escape') return token.text;
      if ('tokens' in token && token.tokens) return words(token.tokens);
      return decodeEntities('text' in token ? String(token.text) : token.raw);
    })
    .join('');
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return DomUtils.textContent(parseDocument(text.replaceAll('<', '&lt;'))).replace(/\p{Cc}/gu, ' ');
}
