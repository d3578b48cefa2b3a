import type { Words } from './words.ts';

export const it: Words = {
  inThisIssue: 'In questo numero',
  why: 'Ricevi questo messaggio perché sei iscritto a {list}.',
  unsubscribe: 'Annulla l’iscrizione',
  preferences: 'Preferenze',
  web: 'Vedi nel browser',
  notes: 'Note',
  image: 'immagine',
  alerts: {
    note: 'Nota',
    tip: 'Suggerimento',
    important: 'Importante',
    warning: 'Avviso',
    caution: 'Attenzione',
  },
};
