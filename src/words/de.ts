import type { Words } from './words.ts';

export const de: Words = {
  inThisIssue: 'In dieser Ausgabe',
  why: 'Sie erhalten dies, weil Sie {list} abonniert haben.',
  unsubscribe: 'Abbestellen',
  preferences: 'Einstellungen',
  web: 'Im Browser ansehen',
  notes: 'Anmerkungen',
  image: 'Bild',
  alerts: {
    note: 'Hinweis',
    tip: 'Tipp',
    important: 'Wichtig',
    warning: 'Warnung',
    caution: 'Vorsicht',
  },
};
