import { type Standing, SUBSCRIBED, skipped, suppressed } from './service.ts';

/** A state as services and people write it, in a column `status`. Who it does not name for certain is not mailed. */
export function standingOfWord(word: string, at = ''): Standing {
  const state = word
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '');
  if (/^(?:|subscribed|active|enabled|confirmed|regular|optedin)$/.test(state)) return SUBSCRIBED;
  if (/^(?:unsubscribed|unsubscribe|unsub|optedout|optout|removed|left)$/.test(state))
    return suppressed('unsubscribed', at);
  if (/^(?:cleaned|bounced|bounce|hardbounce|hardbounced|undeliverable|invalid)$/.test(state))
    return suppressed('bounced', at);
  if (/^(?:complained|complaint|spam|abuse|spamcomplaint|markedasspam)$/.test(state))
    return suppressed('complained', at);
  if (/^(?:blocklisted|blacklisted|blocked|banned|suppressed|manual)$/.test(state))
    return suppressed('manual', at);
  if (/^(?:pending|unconfirmed|unactivated|notconfirmed|waiting)$/.test(state))
    return skipped('never confirmed');
  if (/^(?:nonsubscribed|transactional)$/.test(state)) return skipped('never subscribed');
  if (/^(?:deleted|archived|disabled|inactive)$/.test(state)) return skipped(state);
  return skipped(`a status that is not known: "${word.trim().slice(0, 40)}"`);
}
