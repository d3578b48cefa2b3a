import type { Finding } from '../finding.ts';
import { found } from './found.ts';
import type { Material } from './material.ts';

/**
 * SpamAssassin's rules for words in a body (rules/20_phrases.cf, 20_drugs.cf, 72_active.cf of 4.0) that score a point or
 * more of the five that make spam, as they are or narrower. They are for English; a name of a rule tells what to look up.
 */
const WORDS: readonly (readonly [string, number, RegExp])[] = [
  ['REPLICA_WATCH', 4.1, /\breplica.{1,20}rolex/gi],
  ['EXCUSE_REMOVE', 3.3, /\bto be removed from.{0,20}(?:mailings|offers)/gi],
  ['DEAR_WINNER', 3.1, /\bdear.{1,20}winner/gi],
  ['MONEY_BACK', 2.9, /\bmoney back guarantee/gi],
  ['DRUG_ED_CAPS', 2.8, /\b(?:CIALIS|LEVITRA|VIAGRA)/g],
  ['FREE_QUOTE_INSTANT', 2.7, /\bfree.{0,12}(?:instant|express|online|no.?obligation).{0,36}\bquote/gi],
  ['UNCLAIMED_MONEY', 2.7, /\bunclaimed\s(?:assets?|accounts?|mon(?:ey|ies)|balance|funds?|prizes?|rewards?|payments?|deposits?)\b/gi],
  ['GUARANTEED_100_PERCENT', 2.7, /100% guaranteed/gi],
  ['DEAR_FRIEND', 2.7, /^\s{0,9}dear friend\b/gim],
  ['EXCUSE_4', 2.4, /\bto be removed,? please/gi],
  ['BANKING_LAWS', 2.4, /\bbanking laws/gi],
  ['ONLINE_PHARMACY', 2.4, /\bonline pharmacy|\b(?:drugs|medications) online/gi],
  ['NO_MEDICAL', 2.2, /\bno medical exam/gi],
  ['DEAR_SOMETHING', 2, /\bdear (?:IT\b|internet|candidate|sirs?|madam|investor|travell?er|car shopper|web)\b/gi],
  ['ONE_TIME', 1.8, /\bone\W{1,3}time (?:charge|investment|offer|promotion)/gi],
  ['BILLION_DOLLARS', 1.6, /[BM]ILLION DOLLAR/g],
  ['PRICES_ARE_AFFORDABLE', 1.1, /\baffordable .{0,10}prices\b/gi],
  ['BANG_GUAR', 1, /\bguaranteed?!/gi],
]; // biome-ignore format: a table

/** Words that the most common filter scores, where they stand. */
export function checkSpamWords({ prose, at }: Material): Finding[] {
  return WORDS.flatMap(([rule, score, pattern]) =>
    [...prose.matchAll(pattern)].map(({ index, 0: words }) =>
      found(
        'spam-words',
        at(index + words.search(/\S/)),
        `SpamAssassin scores "${words.trim().slice(0, 60)}" with ${score} of the 5 that make spam (${rule}).`,
        'Say it in other words.',
      ),
    ),
  );
}
