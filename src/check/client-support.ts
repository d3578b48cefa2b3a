/** The part of caniemail.com's data that is used here. */
export interface SupportData {
  readonly last_update_date: string;
  readonly data: readonly {
    readonly slug: string;
    readonly title: string;
    readonly stats: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
  }[];
}

/** A feature that a mail uses and some program does not support. */
export interface Unsupported {
  readonly title: string;
  /** Programs without it, and programs with a part of it: `outlook windows`. */
  readonly none: readonly string[];
  readonly partly: readonly string[];
}

/** The programs that most readers have; the data holds more, of which many were last tried years ago. */
const FAMILIES = [
  'gmail',
  'outlook',
  'apple-mail',
  'yahoo',
  'samsung-email',
  'thunderbird',
  'protonmail',
  'gmx',
];

/**
 * Which features of HTML and CSS in a mail are not supported where, by caniemail.com's latest test of each program. Goes
 * by the names of elements, properties, some values and at-rules; all of them degrade in the shipped template.
 */
export function clientSupport(html: string, support: SupportData): Unsupported[] {
  const used = usedInMail(html);
  return support.data
    .filter(({ slug }) => used.has(slug))
    .map(({ title, stats }) => ({
      title,
      none: programsWith('n', stats, FAMILIES),
      partly: programsWith('a', stats, FAMILIES),
    }))
    .filter(({ none, partly }) => none.length + partly.length > 0)
    .toSorted((one, other) => other.none.length - one.none.length);
}

/** Programs of these families whose latest test gave this verdict: `y`es, `n`o, `a`lmost, `u`nknown. */
export function programsWith(
  verdict: string,
  stats: SupportData['data'][number]['stats'],
  families: readonly string[],
): string[] {
  return families.flatMap((family) =>
    Object.entries(stats[family] ?? {})
      .filter(([, versions]) => (Object.values(versions).at(-1) ?? 'u').startsWith(verdict))
      .map(([platform]) => `${family} ${platform}`),
  );
}

/** The features of a finished mail, as the data names them, with the offset of the first use of each. */
export function usedInMail(html: string): Map<string, number> {
  const visible = html.replace(/<!--[\s\S]*?-->/g, (comment) => ' '.repeat(comment.length));
  const styles = [...visible.matchAll(/<style\b[^>]*>([\s\S]*?)<\/style>/gi)];
  return firsts([
    ...usedInTags(visible),
    ...styles.flatMap((style) => usedInCss(style[1]!, style.index + style[0].indexOf('>') + 1)),
  ]);
}

/** Elements and their `style`: `html-video`, `css-border-radius`, `css-display-flex`. */
export function usedInTags(html: string): [string, number][] {
  return [
    ...[...html.matchAll(/<([a-z][a-z\d]*)/gi)].map((tag): [string, number] => [
      `html-${tag[1]!.toLowerCase()}`,
      tag.index,
    ]),
    ...[...html.matchAll(/\sstyle\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/gi)].flatMap((style) => {
      const css = style[1] ?? style[2]!;
      return usedInCss(css, style.index + style[0].length - css.length - 1);
    }),
  ];
}

/** Properties with some of their values, and at-rules: `css-display-flex`, `css-at-media`. `from`: where the CSS begins. */
export function usedInCss(css: string, from: number): [string, number][] {
  const used: [string, number][] = [];
  for (const { 1: property, 2: value, index } of css.matchAll(
    /(?<=^|[;{\s])([a-z-]{2,40})\s{0,9}:\s{0,9}([^;{}]{1,200})/gi,
  )) {
    const name = `css-${property!.toLowerCase()}`;
    used.push([name, from + index], [`${name}-${value!.trim().toLowerCase()}`, from + index]);
  }
  for (const { 1: rule, 2: condition, index } of css.matchAll(/@([a-z-]{2,30})([^{@]{0,300})\{/gi)) {
    const name = `css-at-${rule!.toLowerCase()}`;
    used.push([name, from + index]);
    const feature = /\(\s*([a-z-]{2,40})/i.exec(condition!)?.[1];
    if (feature) used.push([`${name}-${feature.toLowerCase()}`, from + index]);
  }
  return used;
}

function firsts(used: readonly [string, number][]): Map<string, number> {
  return new Map(used.toReversed());
}
