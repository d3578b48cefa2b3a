import type { Words } from './words.ts';

export const pl: Words = {
  inThisIssue: 'W tym numerze',
  why: 'Otrzymujesz tę wiadomość, ponieważ subskrybujesz {list}.',
  unsubscribe: 'Wypisz się',
  preferences: 'Preferencje',
  web: 'Zobacz w przeglądarce',
  notes: 'Przypisy',
  image: 'obraz',
  alerts: {
    note: 'Uwaga',
    tip: 'Wskazówka',
    important: 'Ważne',
    warning: 'Ostrzeżenie',
    caution: 'Ostrożnie',
  },
};
