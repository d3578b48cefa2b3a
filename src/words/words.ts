import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fa } from './fa.ts';
import { fr } from './fr.ts';
import { he } from './he.ts';
import { it } from './it.ts';
import { ja } from './ja.ts';
import { ko } from './ko.ts';
import { nl } from './nl.ts';
import { ofLanguage } from './of-language.ts';
import { pl } from './pl.ts';
import { pt } from './pt.ts';
import { ru } from './ru.ts';
import { sv } from './sv.ts';
import { tr } from './tr.ts';
import { uk } from './uk.ts';
import { zh } from './zh.ts';
import { zhHant } from './zh-hant.ts';

/** The fixed words of a mail in one language. `{list}` is replaced by the list's title. */
export interface Words {
  readonly inThisIssue: string;
  readonly why: string;
  readonly unsubscribe: string;
  readonly preferences: string;
  readonly web: string;
  readonly notes: string;
  /** Stands in the plain text for a picture that has no words. */
  readonly image: string;
  /** What a quote that begins with `[!NOTE]` and its like is called. */
  readonly alerts: Readonly<Record<'note' | 'tip' | 'important' | 'warning' | 'caution', string>>;
}

const LANGUAGES: Readonly<Record<string, Words>> = {
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

/** Words for a BCP 47 tag; English where the language has none yet: add a file beside this one. */
export function wordsFor(lang: string): Words {
  return ofLanguage(lang, LANGUAGES, zhHant) ?? en;
}
