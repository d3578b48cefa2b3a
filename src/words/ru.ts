import type { Words } from './words.ts';

export const ru: Words = {
  inThisIssue: 'В этом выпуске',
  why: 'Вы получили это письмо, потому что подписаны на {list}.',
  unsubscribe: 'Отписаться',
  preferences: 'Настройки',
  web: 'Открыть в браузере',
  notes: 'Примечания',
  image: 'изображение',
  alerts: {
    note: 'Примечание',
    tip: 'Совет',
    important: 'Важно',
    warning: 'Предупреждение',
    caution: 'Осторожно',
  },
};
