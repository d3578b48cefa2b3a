import type { Words } from './words.ts';

export const sv: Words = {
  inThisIssue: 'I detta nummer',
  why: 'Du får detta eftersom du prenumererar på {list}.',
  unsubscribe: 'Avsluta prenumerationen',
  preferences: 'Inställningar',
  web: 'Visa i webbläsaren',
  notes: 'Noter',
  image: 'bild',
  alerts: {
    note: 'Obs',
    tip: 'Tips',
    important: 'Viktigt',
    warning: 'Varning',
    caution: 'Försiktigt',
  },
};
