import type { Token, Tokens } from 'marked';
import type { HighlighterCore, ThemeRegistrationRaw } from 'shiki/core';
import { walk } from './lexer.ts';

/** Gives code as HTML with a class for each role, or null: a language that is not known, or too much of it. */
export type Highlight = (code: string, language: string) => string | null;

/** Roles by the scopes that TextMate grammars name; the template's style sheet gives each its colours. */
const ROLES: readonly { readonly name: string; readonly scope: string[] }[] = [
  { name: 'hc', scope: ['comment', 'punctuation.definition.comment'] },
  { name: 'hs', scope: ['string', 'markup.inserted', 'markup.inline.raw'] },
  {
    name: 'hk',
    scope: [
      'keyword',
      'storage',
      'markup.deleted',
      'entity.name.tag',
      'punctuation.definition.tag',
      'variable.language',
    ],
  },
  { name: 'hn', scope: ['constant.numeric', 'constant.language', 'constant.other.color'] },
  { name: 'hf', scope: ['entity.name.function', 'support.function', 'meta.diff.range'] },
  { name: 'ht', scope: ['entity.name.type', 'support.type', 'support.class', 'entity.other.attribute-name'] },
  {
    name: '',
    scope: ['keyword.operator', 'punctuation.definition.template-expression', 'meta.template.expression'],
  },
];

/** A theme whose colours are the roles' numbers: `#000001` is the first. */
const THEME: ThemeRegistrationRaw = {
  name: 'roles',
  settings: [
    { settings: { foreground: '#ffffff', background: '#ffffff' } },
    ...ROLES.map(({ scope }, index) => ({
      scope,
      settings: { foreground: `#${String(index + 1).padStart(6, '0')}` },
    })),
  ],
};

/** Grammars take minutes on a megabyte; such a block is data, not something to read. */
const LONGEST = 20_000;
const LONGEST_LINE = 1_000;

let opened: HighlighterCore | null = null;

/**
 * Makes ready for the languages of these tokens' fenced code. Most issues have none: shiki and its grammars are only
 * imported for those that do.
 */
export async function openHighlight(tokens: readonly Token[]): Promise<Highlight> {
  const wanted = [...walk(tokens)].filter(
    (token) => token.type === 'code' && languageOf(token as Tokens.Code),
  );
  if (wanted.length === 0) return () => null;
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }, { bundledLanguages }] =
    await Promise.all([import('shiki/core'), import('shiki/engine/javascript'), import('shiki/langs')]);
  opened ??= await createHighlighterCore({
    themes: [THEME],
    langs: [],
    engine: createJavaScriptRegexEngine({ forgiving: true }),
  });
  const highlighter = opened;
  for (const language of new Set(wanted.map((token) => languageOf(token as Tokens.Code))))
    if (Object.hasOwn(bundledLanguages, language))
      await highlighter.loadLanguage(bundledLanguages[language as keyof typeof bundledLanguages]);
  const known = new Set(highlighter.getLoadedLanguages());

  return (code, language) => {
    if (!known.has(language) || code.length > LONGEST) return null;
    const lines = highlighter.codeToTokensBase(code, {
      lang: language,
      theme: 'roles',
      tokenizeMaxLineLength: LONGEST_LINE,
      // By the clock the same issue would compile to two mails.
      tokenizeTimeLimit: 0,
    });
    return lines.map(line).join('\n');
  };
}

/** The first word after the fence: `ts`, of ```` ```ts title="x" ````. */
export function languageOf(token: Tokens.Code): string {
  return /^[\w+#-]*/.exec(token.lang ?? '')![0].toLowerCase();
}

/** A line's tokens; neighbours of one role share an element, and what has none needs none. */
function line(tokens: readonly { readonly content: string; readonly color?: string }[]): string {
  const runs: { role: string; text: string }[] = [];
  for (const { content, color } of tokens) {
    const role =
      content.trim() === '' ? (runs.at(-1)?.role ?? '') : (ROLES[Number(color?.slice(1)) - 1]?.name ?? '');
    const last = runs.at(-1);
    if (last?.role === role) last.text += content;
    else runs.push({ role, text: content });
  }
  return runs
    .map(({ role, text }) => (role ? `<span class="${role}">${escapeCode(text)}</span>` : escapeCode(text)))
    .join('');
}

/** In code nothing is markup, and an entity is what it is written as. */
export function escapeCode(code: string): string {
  return code.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}
