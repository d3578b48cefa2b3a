/** Tables of our own, by their class: they fit, or have such an element around them. */
const OWN = / class="(?:block|press|data)"/;

/**
 * Puts an element that scrolls around each table that an author wrote in HTML: what is too wide for a phone (a width in
 * pixels, pictures side by side) would else widen the whole mail. Takes well-formed HTML.
 */
export function scrollTables(html: string): string {
  if (!html.includes('<table')) return html;
  const open: ('own' | 'outer' | 'inner')[] = [];
  return html.replace(/<(\/?)table\b([^<>]*)>/g, (tag, slash: string, attributes: string) => {
    if (slash) return open.pop() === 'outer' ? `${tag}</div>` : tag;
    const isOuter = !OWN.test(attributes) && !open.some((one) => one !== 'own');
    open.push(OWN.test(attributes) ? 'own' : isOuter ? 'outer' : 'inner');
    return isOuter ? `<div class="scroll" tabindex="0">${tag}` : tag;
  });
}
