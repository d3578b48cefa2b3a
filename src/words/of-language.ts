/** Where Chinese is written in traditional characters. */
const TRADITIONAL = /^zh-(?:hant|tw|hk|mo)\b/i;

/** What a BCP 47 tag stands for among languages by their first subtag, traditional Chinese apart; null: not there yet. */
export function ofLanguage<T>(tag: string, languages: Readonly<Record<string, T>>, zhHant: T): T | null {
  return TRADITIONAL.test(tag) ? zhHant : (languages[tag.split('-')[0]!.toLowerCase()] ?? null);
}
