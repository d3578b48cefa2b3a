import { ofLanguage } from './of-language.ts';
import { ar } from './pages/ar.ts';
import { de } from './pages/de.ts';
import { en } from './pages/en.ts';
import { es } from './pages/es.ts';
import { fa } from './pages/fa.ts';
import { fr } from './pages/fr.ts';
import { he } from './pages/he.ts';
import { it } from './pages/it.ts';
import { ja } from './pages/ja.ts';
import { ko } from './pages/ko.ts';
import { nl } from './pages/nl.ts';
import { pl } from './pages/pl.ts';
import { pt } from './pages/pt.ts';
import { ru } from './pages/ru.ts';
import { sv } from './pages/sv.ts';
import { tr } from './pages/tr.ts';
import { uk } from './pages/uk.ts';
import { zh } from './pages/zh.ts';
import { zhHant } from './pages/zh-hant.ts';

/**
 * The fixed words of the public pages and of the mails that confirm, in one language. `{list}`, `{name}`, `{address}`
 * and `{days}` are replaced.
 */
export interface PageWords {
  readonly unsubscribe: string;
  readonly leaveAsk: string;
  readonly left: string;
  readonly leftText: string;
  readonly leftMistake: string;

  readonly preferences: string;
  readonly forAddress: string;
  readonly lists: string;
  readonly listsNote: string;
  readonly you: string;
  readonly nameLabel: string;
  readonly save: string;
  readonly saved: string;
  readonly savedText: string;
  readonly confirmSent: string;
  readonly move: string;
  readonly moveLabel: string;
  readonly moveNote: string;
  readonly leaveAll: string;
  readonly leaveAllText: string;
  readonly leftAllText: string;
  readonly data: string;
  readonly download: string;
  readonly downloadText: string;
  readonly erase: string;
  readonly eraseText: string;
  readonly eraseAsk: string;
  readonly erased: string;
  readonly erasedText: string;
  readonly nobody: string;
  readonly nobodyText: string;

  readonly subscribe: string;
  readonly email: string;
  readonly optional: string;
  /** The sentence above the button: what a subscriber agrees to, and what the consent record keeps. */
  readonly consent: string;
  readonly trap: string;
  readonly checkMail: string;
  readonly checkMailText: string;
  readonly addressFault: string;
  readonly listFault: string;
  readonly fieldFault: string;

  readonly confirm: string;
  readonly confirmAsk: string;
  readonly confirmButton: string;
  readonly confirmed: string;
  readonly confirmedText: string;
  readonly moveAsk: string;
  readonly moveButton: string;
  readonly moved: string;
  readonly movedText: string;
  readonly used: string;
  readonly usedText: string;
  readonly expired: string;
  readonly expiredText: string;

  readonly mailSubject: string;
  readonly mailText: string;
  readonly mailButton: string;
  readonly mailIgnore: string;
  readonly moveSubject: string;
  readonly moveText: string;

  /** The title of the index of all issues, and the link to it. */
  readonly archive: string;
  readonly archiveEmpty: string;

  readonly dead: string;
  readonly deadText: string;
  readonly test: string;
  readonly testText: string;
  readonly missing: string;
  readonly missingText: string;
  readonly unreadable: string;
  readonly unreadableText: string;
  readonly tooMany: string;
  readonly tooManyText: string;
  readonly failed: string;
  readonly failedText: string;
}

const LANGUAGES: Readonly<Record<string, PageWords>> = {
  ar,
  de,
  en,
  es,
  fa,
  fr,
  he,
  it,
  ja,
  ko,
  nl,
  pl,
  pt,
  ru,
  sv,
  tr,
  uk,
  zh,
};

/** Words for a BCP 47 tag, with the language that they are in: English where a language has none yet. */
export function pageWordsFor(tag: string): { readonly lang: string; readonly words: PageWords } {
  const words = ofLanguage(tag, LANGUAGES, zhHant);
  return words ? { lang: tag, words } : { lang: 'en', words: en };
}
