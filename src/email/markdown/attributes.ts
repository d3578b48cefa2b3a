import type { Token, Tokens } from 'marked';

/** A list of attributes, `{: .class #id}`, which kramdown and Pandoc hang on what stands before it. Not shown. */
export interface Attributes extends Tokens.Generic {
  readonly type: 'attributes';
  readonly id: string | null;
  readonly classes: readonly string[];
  /** CSS pixels, of the image before it. */
  readonly width: number | null;
}

const ONE = String.raw`(?:[.#][a-zA-Z][\w-]*|[a-zA-Z][\w-]*=(?:"[^"\n]{0,200}"|'[^'\n]{0,200}'|[\w%.-]{1,100})|toc)`;
// `{{#name}}` means something else, to somebody else.
const LIST = String.raw`\{(?::[ \t]{0,5}|(?=[.#]|(?:width|height|target|rel|loading|style|class|id|align)=))${ONE}(?:[ \t]{1,5}${ONE}){0,9}[ \t]{0,5}\}(?!\})`;

const INLINE = new RegExp(`^${LIST}`);
const BLOCK = new RegExp(`^ {0,3}${LIST}[ \\t]*(?:\\n+|$)`);
const AT_END = new RegExp(`[ \\t]*${LIST}[ \\t]*$`);

/** Reads a list of attributes at the start of a text: on a line of its own, or inside one. */
export function readAttributes(source: string, level: 'block' | 'inline'): Attributes | undefined {
  const raw = (level === 'block' ? BLOCK : INLINE).exec(source)?.[0];
  if (raw === undefined) return undefined;
  // What stands in quotes is a value, not a class.
  const bare = raw.replace(/"[^"]*"|'[^']*'/g, '');
  const classes = [...bare.matchAll(/\.([a-zA-Z][\w-]*)/g)].map((match) => match[1]!);
  const id = /#([a-zA-Z][\w-]*)/.exec(bare)?.[1] ?? null;
  const width = Number(/\bwidth=["']?(\d{1,4})(?:px)?(?:["'\s}]|$)/.exec(raw)?.[1] ?? 0) || null;
  return { type: 'attributes', raw, id, classes, width };
}

/** The words of a heading without the attributes at its end, and the id among them. */
export function splitAttributes(heading: string): { readonly words: string; readonly id: string | null } {
  const found = AT_END.exec(heading);
  if (!found) return { words: heading, id: null };
  return { words: heading.slice(0, found.index), id: readAttributes(found[0].trim(), 'inline')?.id ?? null };
}

/**
 * Gives effect to what has one in a mail: a link alone in its paragraph with the class `button` or `btn` is a button,
 * as one with that title is, and an image has the width that stands behind it. Gives those lists that have no effect.
 */
export function applyAttributes(tokens: readonly Token[]): Attributes[] {
  const idle: Attributes[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token.type === 'attributes') {
      const before = tokens[index - 1];
      const target = before?.type === 'paragraph' ? before.tokens : tokens.slice(0, index);
      if (!setWidth(target ?? [], token as Attributes) && !makeButton(target ?? [], token as Attributes))
        idle.push(token as Attributes);
    }
    if (token.type === 'list')
      for (const item of (token as Tokens.List).items) idle.push(...applyAttributes(item.tokens));
    else if (token.type === 'heading')
      idle.push(...applyAttributes((token as Tokens.Heading).tokens).filter(({ id }) => !id));
    else if ('tokens' in token && token.tokens) idle.push(...applyAttributes(token.tokens));
  }
  return idle;
}

function setWidth(target: readonly Token[], { width }: Attributes): boolean {
  const image = target.at(-1);
  if (image?.type !== 'image' || width === null) return false;
  Object.assign(image, { width });
  return true;
}

function makeButton(target: readonly Token[], { classes }: Attributes): boolean {
  const [link, more] = target;
  if (link?.type !== 'link' || (more && more.type !== 'attributes')) return false;
  if (!classes.includes('button') && !classes.includes('btn')) return false;
  (link as Tokens.Link).title = 'button';
  return true;
}
