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
  const used = usedFeatures(html);
  return support.data
    .filter(({ slug }) => used.has(slug))
    .map(({ title, stats }) => {
      const verdicts = FAMILIES.flatMap((family) =>
        Object.entries(stats[family] ?? {}).map(([platform, versions]) => {
          const latest = Object.values(versions).at(-1) ?? 'u';
          return { program: `${family} ${platform}`, verdict: latest[0] };
        }),
      );
      const of = (wanted: string) =>
        verdicts.filter(({ verdict }) => verdict === wanted).map(({ program }) => program);
      return { title, none: of('n'), partly: of('a') };
    })
    .filter(({ none, partly }) => none.length + partly.length > 0)
    .toSorted((one, other) => other.none.length - one.none.length);
}

/** Names as the data has them: `html-video`, `css-border-radius`, `css-display-flex`, `css-at-media`. */
function usedFeatures(html: string): Set<string> {
  const used = new Set<string>();
  const visible = html.replace(/<!--[\s\S]*?-->/g, '');
  for (const [, name] of visible.matchAll(/<([a-z][a-z\d]*)/gi)) used.add(`html-${name!.toLowerCase()}`);
  const styles = [
    ...visible.matchAll(/\sstyle="([^"]*)"/gi),
    ...visible.matchAll(/<style\b[^>]*>([\s\S]*?)<\/style>/gi),
  ];
  for (const [, css] of styles) {
    for (const [, property, value] of css!.matchAll(/(?:^|[;{\s])([a-z-]{2,40})\s*:\s*([^;{}]{1,200})/gi)) {
      used.add(`css-${property!.toLowerCase()}`);
      used.add(`css-${property!.toLowerCase()}-${value!.trim().toLowerCase()}`);
    }
    for (const [, rule, condition] of css!.matchAll(/@([a-z-]{2,30})([^{@]{0,300})\{/gi)) {
      used.add(`css-at-${rule!.toLowerCase()}`);
      const feature = /\(\s*([a-z-]{2,40})/i.exec(condition!)?.[1];
      if (feature) used.add(`css-at-${rule!.toLowerCase()}-${feature.toLowerCase()}`);
    }
  }
  return used;
}
