/** Languages of a script: the first is the guess, the others are believed when the newsletter names them. */
const HAN = ['zh', 'ja', 'ko', 'yue'];
const HEBREW = ['he', 'yi', 'lad'];
const ARABIC = ['ar', 'fa', 'ur', 'ps', 'sd', 'ckb', 'ug'];
const PERSIAN = ['fa', 'ur', 'ps', 'sd', 'ckb', 'ug'];

/** Rules of our own for what is no word of the author's: code, addresses, tags, entities. */
const NO_WORDS = /```[\s\S]*?```|`[^`\n]*`|https?:\/\/[^\s)>\]]+|\]\([^)\s]*|<[^<>]*>|&\w+;/g;

/** Hebrew and Arabic, kana, Chinese signs and Hangul, roughly. */
const OTHER_SCRIPTS = /[\u0590-\u08ff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\ufb1d-\ufefc]/;

/**
 * The language of an issue that names none: that of its script when most of its letters are of one, otherwise the
 * newsletter's. Between languages of Latin or Cyrillic letters nothing is guessed.
 */
export function languageOf(text: string, newsletterLang: string): string {
  // Most issues end here: to count letters by script takes milliseconds.
  if (!OTHER_SCRIPTS.test(text)) return newsletterLang;
  const words = text.replace(NO_WORDS, ' ');
  const count = (letters: RegExp) => words.match(letters)?.length ?? 0;
  const all = count(/\p{L}/gu);
  const most = (letters: number) => letters > 20 && letters > all / 2;
  const [kana, hangul, han] = [
    count(/[\p{sc=Hiragana}\p{sc=Katakana}]/gu),
    count(/\p{sc=Hangul}/gu),
    count(/\p{sc=Han}/gu),
  ];
  const choose = (languages: readonly string[]) =>
    languages.includes(newsletterLang.split('-')[0]!.toLowerCase()) ? newsletterLang : languages[0]!;
  // One sign of Chinese is about a syllable: beside names in Latin letters, a third is most of the text.
  if (most((kana + hangul + han) * 1.5)) {
    if (kana > han / 20) return choose(kana > hangul ? ['ja'] : ['ko']);
    return choose(hangul > han ? ['ko'] : HAN);
  }
  const arabic = count(/\p{sc=Arabic}/gu);
  // Letters that Arabic does not have: pe, che, zhe, gaf, and Persian's own kaf and yeh.
  if (most(arabic)) return choose(count(/[پچژگکی]/g) > arabic / 50 ? PERSIAN : ARABIC);
  return most(count(/\p{sc=Hebrew}/gu)) ? choose(HEBREW) : newsletterLang;
}
