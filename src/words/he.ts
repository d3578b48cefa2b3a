import type { Words } from './words.ts';

export const he: Words = {
  inThisIssue: 'בגיליון הזה',
  why: 'קיבלתם את ההודעה כי נרשמתם אל {list}.',
  unsubscribe: 'הסרה מהרשימה',
  preferences: 'העדפות',
  web: 'לצפייה בדפדפן',
  notes: 'הערות',
  image: 'תמונה',
  alerts: {
    note: 'הערה',
    tip: 'טיפ',
    important: 'חשוב',
    warning: 'אזהרה',
    caution: 'זהירות',
  },
};
