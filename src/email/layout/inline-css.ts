import juice from 'juice';

// To juice `{{` in an author's words begins a template's code, and all up to the next `}}` would stay without a style.
for (const name of Object.keys(juice.codeBlocks)) delete juice.codeBlocks[name];

/**
 * Inlines a style sheet written for `.body …` into sections of HTML, by name. Of its classes only those in `lasting`
 * stay: the others have done their work, and an author's mean nothing in a mail. The names are words that stand nowhere
 * in the sections: all are inlined at once, for juice parses the style sheet each time that it is called.
 */
export function inlineCss(
  sections: ReadonlyMap<string, string>,
  css: string,
  lasting: ReadonlySet<string>,
): Map<string, string> {
  const names = [...sections.keys()];
  const parted = names.map((name) => `${name}<div class="body">${sections.get(name)}</div>`).join('');
  const inlined = juice.inlineContent(parted, rulesFor(parted, css), {
    applyAttributesTableElements: false,
    // It would write `height="auto"` over the number that Outlook needs.
    applyWidthAttributes: false,
    applyHeightAttributes: false,
  });
  const result = new Map<string, string>();
  let at = 0;
  for (const [index, name] of names.entries()) {
    const from = inlined.indexOf(name, at) + name.length;
    const next = names[index + 1];
    at = next ? inlined.indexOf(next, from) : inlined.length;
    result.set(name, tidy(inlined.slice(from, at), lasting));
  }
  return result;
}

function tidy(section: string, lasting: ReadonlySet<string>): string {
  return section
    .replace(/^<div class="body"[^>]*>/, '')
    .replace(/<\/div>$/, '')
    .replace(/<[a-z][^<>]* (?:class|style)="[^<>]*>/g, (tag) =>
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

/**
 * A style sheet without the rules for what is not there: juice looks for each, and of 50 rules an issue needs 20. At-rules
 * and selectors with brackets (`:not(.x)`, which is true where there is no x) stay.
 */
function rulesFor(html: string, css: string): string {
  const there = new Set<string>();
  for (const [, tag, classes] of html.matchAll(/<([a-z][a-z\d]*)(?:[^<>]*? class="([^"]*)")?/g)) {
    there.add(tag!);
    if (classes) for (const name of classes.split(/\s+/)) there.add(`.${name}`);
  }
  const matches = (selector: string) =>
    /[@()[\]/]/.test(selector) ||
    (selector.match(/[.#:]*[a-z][\w-]*/gi) ?? []).every((name) => /^[#:]/.test(name) || there.has(name));
  return css.replace(/([^{};]+)\{[^{}]*\}/g, (rule, selectors: string) =>
    selectors.split(',').some(matches) ? rule : '',
  );
}
