import juice from 'juice';

/**
 * Inlines a style sheet written for `.body …` into one section of HTML. Of its classes only those in `lasting` stay:
 * the others have done their work, and an author's mean nothing in a mail.
 */
export function inlineCss(section: string, css: string, lasting: ReadonlySet<string>): string {
  const inlined = juice.inlineContent(`<div class="body">${section}</div>`, css, {
    applyAttributesTableElements: false,
    // It would write `height="auto"` over the number that Outlook needs.
    applyWidthAttributes: false,
    applyHeightAttributes: false,
  });
  return inlined
    .replace(/^<div class="body"[^>]*>/, '')
    .replace(/<\/div>$/, '')
    .replace(/<[a-z][^<>]*>/g, (tag) =>
      tag
        .replace(/ class="([^"]*)"/, (_whole, names: string) => {
          const stay = names.split(/\s+/).filter((name) => lasting.has(name));
          return stay.length > 0 ? ` class="${stay.join(' ')}"` : '';
        })
        .replace(/ style="([^"]*)"/, (_whole, style: string) => ` style="${shorten(style)}"`),
    );
}

/** Declarations without the white space that nobody reads: 2 KB of an issue with 100 links. */
export function shorten(style: string): string {
  return style.replace(/\s*([:;,])\s*/g, '$1').replace(/;$/, '');
}
