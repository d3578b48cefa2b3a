import { de } from './de.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { fa } from './fa.ts';
import { fr } from './fr.ts';
import { ja } from './ja.ts';
import { zh } from './zh.ts';

/** The fixed words of a mail in one language. `{list}` and `{name}` are replaced. */
export interface Words {
  readonly inThisIssue: string;
  readonly why: string;
  readonly unsubscribe: string;
  readonly preferences: string;
  readonly web: string;
  readonly notes: string;
  /** What a quote that begins with `[!NOTE]` and its like is called. */
  readonly alerts: Readonly<Record<'note' | 'tip' | 'important' | 'warning' | 'caution', string>>;
}

const LANGUAGES: Readonly<Record<string, Words>> = { de, en, es, fa, fr, ja, zh };

/** Words for a BCP 47 tag; English where the language has none yet: add a file beside this one. */
export function wordsFor(lang: string): Words {
  return LANGUAGES[lang.split('-')[0]!.toLowerCase()] ?? en;
}
