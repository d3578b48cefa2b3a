import type { Words } from './words.ts';

export const tr: Words = {
  inThisIssue: 'Bu sayıda',
  why: 'Bu iletiyi {list} aboneliğiniz olduğu için aldınız.',
  unsubscribe: 'Abonelikten çık',
  preferences: 'Tercihler',
  web: 'Tarayıcıda görüntüle',
  notes: 'Notlar',
  image: 'görsel',
  alerts: {
    note: 'Not',
    tip: 'İpucu',
    important: 'Önemli',
    warning: 'Uyarı',
    caution: 'Dikkat',
  },
};
