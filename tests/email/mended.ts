import { defaultTreeAdapter as adapter, type DefaultTreeAdapterTypes, parse } from 'parse5';

const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));

/**
 * What a browser would have to mend in a mail's HTML, as parse5, an implementation of the standard's own parser, does it:
 * elements that nothing closes, tags that open or close nothing, attributes that are no such. Empty: it is well formed.
 */
export function mended(html: string): string[] {
  const faults: string[] = [];
  const document = parse(html, {
    sourceCodeLocationInfo: true,
    onParseError: ({ code, startOffset }) => {
      faults.push(`${code}: ${html.slice(startOffset, startOffset + 60)}`);
    },
  });
  let elements = 0;
  const visit = (node: DefaultTreeAdapterTypes.Node): void => {
    if (adapter.isElementNode(node)) {
      const { tagName, sourceCodeLocation: place } = node;
      // A table's rows may stand in it as they are.
      if (place?.startTag) elements += 1;
      else if (tagName !== 'tbody') faults.push(`<${tagName}> was never written`);
      if (place?.startTag && !place.endTag && !VOID.has(tagName))
        faults.push(`never closed: ${html.slice(place.startOffset, place.startOffset + 60)}`);
    }
    if ('childNodes' in node) node.childNodes.forEach(visit);
  };
  visit(document);
  const source = html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/(<(style|title)\b[^>]*>)[\s\S]*?(?=<\/\2>)/g, '$1');
  const opening = source.match(/<[a-z][^<>]*>/gi)?.length ?? 0;
  const closing = source.match(/<\/[a-z][^<>]*>/gi)?.length ?? 0;
  const empty = [...source.matchAll(/<([a-z\d]+)[^<>]*>/gi)].filter(([, name]) => VOID.has(name!)).length;
  if (opening !== elements) faults.push(`${opening} tags open ${elements} elements`);
  if (closing !== opening - empty) faults.push(`${closing} tags close ${opening - empty} elements`);
  return faults;
}
