import type { Words } from './words.ts';

export const en: Words = {
  inThisIssue: 'In this issue',
  why: 'You get this because you subscribed to {list}.',
  unsubscribe: 'Unsubscribe',
  preferences: 'Preferences',
  web: 'View in browser',
  notes: 'Notes',
  image: 'image',
  alerts: {
    note: 'Note',
    tip: 'Tip',
    important: 'Important',
    warning: 'Warning',
    caution: 'Caution',
  },
};
