const RIGHT_TO_LEFT = /[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}]/u;

/**
 * Sets words that run against the text around them apart from it (Unicode TR 9, FSI and PDI): a name in Hebrew would
 * else pull the comma or number after it to its other side. Words that run along stay as they are.
 */
export function isolate(words: string, dir: 'ltr' | 'rtl'): string {
  const against = dir === 'ltr' ? RIGHT_TO_LEFT.test(words) : /\p{sc=Latin}/u.test(words);
  return against ? `\u2068${words}\u2069` : words;
}
