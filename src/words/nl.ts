import type { Words } from './words.ts';

export const nl: Words = {
  inThisIssue: 'In dit nummer',
  why: 'U ontvangt dit omdat u bent ingeschreven voor {list}.',
  unsubscribe: 'Uitschrijven',
  preferences: 'Voorkeuren',
  web: 'Bekijken in de browser',
  notes: 'Noten',
  image: 'afbeelding',
  alerts: {
    note: 'Opmerking',
    tip: 'Tip',
    important: 'Belangrijk',
    warning: 'Waarschuwing',
    caution: 'Let op',
  },
};
