import type { Words } from './words.ts';

export const ja: Words = {
  inThisIssue: '今号の内容',
  why: '{list} を購読されているため、このメールをお送りしています。',
  unsubscribe: '配信停止',
  preferences: '設定',
  web: 'ブラウザで見る',
  notes: '注',
  image: '画像',
  alerts: {
    note: '補足',
    tip: 'ヒント',
    important: '重要',
    warning: '警告',
    caution: '注意',
  },
};
