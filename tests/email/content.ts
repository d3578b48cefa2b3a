import { Parser } from 'htmlparser2';
import remarkGfm from 'remark-gfm';
import remarkParse from 'remark-parse';
import { unified } from 'unified';

interface MdNode {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly alt?: string | null;
  readonly identifier?: string;
  readonly children?: readonly MdNode[];
}

/** What a reader can read and follow. */
export interface Content {
  words: string[];
  links: string[];
}

/** Letters and digits; scripts without spaces by the character, for lines may break anywhere in them. */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .match(
        /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}]|(?:(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}])[\p{L}\p{N}\p{M}])+/gu,
      ) ?? []
  );
}

/** What a browser would show of some HTML. Names that are no element of HTML (`Vec<T>`) count as words. */
export function ofHtml(html: string, into: Content): void {
  let hidden = 0;
  const parser = new Parser({
    onopentagname(name) {
      if (['script', 'style', 'title', 'iframe'].includes(name)) hidden += 1;
    },
    onopentag(_name, attributes) {
      if (attributes.href && !/^\s*(?:javascript|data|vbscript):/i.test(attributes.href))
        into.links.push(attributes.href);
      if (attributes.alt) into.words.push(...wordsOf(attributes.alt));
    },
    onclosetag(name) {
      if (['script', 'style', 'title', 'iframe'].includes(name)) hidden -= 1;
    },
    ontext(text) {
      if (hidden === 0) into.words.push(...wordsOf(text));
    },
  });
  parser.end(html);
}

/** All that a second Markdown parser finds in a body; `joined` are words that run over the edge of two nodes. */
export function ofMarkdown(body: string): Content & { joined: string[] } {
  const tree = unified().use(remarkParse).use(remarkGfm).parse(body) as MdNode;
  const definitions = new Map<string, string>();
  const content: Content = { words: [], links: [] };
  let html = '';
  let run = '';
  const collect = (node: MdNode): void => {
    if (node.type === 'definition' && !definitions.has(node.identifier!))
      definitions.set(node.identifier!, node.url!);
    node.children?.forEach(collect);
  };
  const say = (text: string) => {
    content.words.push(...wordsOf(text));
    run += text;
  };
  const visit = (node: MdNode): void => {
    if (node.type === 'text' || node.type === 'inlineCode' || node.type === 'code') say(node.value!);
    else if (node.type === 'image' || node.type === 'imageReference') say(node.alt ?? '');
    else
      run += ['strong', 'emphasis', 'delete', 'link', 'linkReference', 'html'].includes(node.type) ? '' : ' ';
    if (node.type === 'html') html += ` ${node.value}`;
    if (node.type === 'link') content.links.push(node.url!);
    if (node.type === 'linkReference') content.links.push(definitions.get(node.identifier!)!);
    node.children?.forEach(visit);
  };
  collect(tree);
  visit(tree);
  // Raw HTML by itself, for one element may begin and end in two nodes.
  ofHtml(html, content);
  return { ...content, joined: missing(wordsOf(run), content.words) };
}

/** Those of `wanted` that `found` has too few of. */
export function missing(wanted: readonly string[], found: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const item of found) counts.set(item, (counts.get(item) ?? 0) + 1);
  return wanted.filter((item) => {
    const left = counts.get(item) ?? 0;
    counts.set(item, left - 1);
    return left <= 0;
  });
}
