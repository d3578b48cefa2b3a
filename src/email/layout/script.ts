import type { Newsletter } from '../../newsletter.ts';

/** Fonts of each system for scripts that the brand's may lack; without them Outlook sets them in its oldest. */
const FONTS: Readonly<Record<string, string>> = {
  zh: 'PingFang SC,Microsoft YaHei',
  'zh-tw': 'PingFang TC,Microsoft JhengHei',
  'zh-hk': 'PingFang HK,Microsoft JhengHei',
  'zh-hant': 'PingFang TC,Microsoft JhengHei',
  ja: 'Hiragino Sans,Yu Gothic,Meiryo',
  ko: 'Apple SD Gothic Neo,Malgun Gothic',
  ar: 'Geeza Pro,Tahoma',
  fa: 'Geeza Pro,Tahoma',
  ur: 'Geeza Pro,Tahoma',
  he: 'Arial Hebrew,Tahoma',
};

/** A brand whose stacks of fonts hold some for the language's script, before the last and general one. */
export function brandFor(brand: Newsletter['brand'], lang: string): Newsletter['brand'] {
  const tag = lang.toLowerCase();
  const fonts = FONTS[tag] ?? FONTS[tag.split('-')[0]!];
  if (!fonts) return brand;
  const extend = (stack: string) =>
    stack.replace(/(?:^|,)\s*([\w-]+)\s*$/, (last, general: string) =>
      last.startsWith(',') ? `,${fonts},${general}` : `${general},${fonts}`,
    );
  return { ...brand, fontBody: extend(brand.fontBody), fontHeading: extend(brand.fontHeading) };
}

/** Where lines may break, as declarations: Chinese and Japanese not before a full stop, Korean between words. */
export function breaksFor(lang: string): string {
  if (/^(?:zh|ja)\b/i.test(lang)) return 'word-break: break-word; line-break: strict;';
  return /^ko\b/i.test(lang) ? 'word-break: keep-all; overflow-wrap: anywhere;' : 'word-break: break-word;';
}
