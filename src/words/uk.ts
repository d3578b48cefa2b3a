import type { Words } from './words.ts';

export const uk: Words = {
  inThisIssue: 'У цьому випуску',
  why: 'Ви отримали цього листа, бо підписані на {list}.',
  unsubscribe: 'Відписатися',
  preferences: 'Налаштування',
  web: 'Відкрити у браузері',
  notes: 'Примітки',
  image: 'зображення',
  alerts: {
    note: 'Примітка',
    tip: 'Порада',
    important: 'Важливо',
    warning: 'Попередження',
    caution: 'Обережно',
  },
};
