import type { Words } from './words.ts';

export const es: Words = {
  inThisIssue: 'En este número',
  why: 'Recibe esto porque está suscrito a {list}.',
  unsubscribe: 'Darse de baja',
  preferences: 'Preferencias',
  web: 'Ver en el navegador',
  notes: 'Notas',
  image: 'imagen',
  alerts: {
    note: 'Nota',
    tip: 'Consejo',
    important: 'Importante',
    warning: 'Advertencia',
    caution: 'Precaución',
  },
};
