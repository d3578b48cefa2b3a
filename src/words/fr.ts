import type { Words } from './words.ts';

export const fr: Words = {
  inThisIssue: 'Dans ce numéro',
  why: 'Vous recevez ceci parce que vous êtes abonné à {list}.',
  unsubscribe: 'Se désabonner',
  preferences: 'Préférences',
  web: 'Voir dans le navigateur',
  notes: 'Notes',
  image: 'image',
  alerts: {
    note: 'Remarque',
    tip: 'Astuce',
    important: 'Important',
    warning: 'Avertissement',
    caution: 'Attention',
  },
};
