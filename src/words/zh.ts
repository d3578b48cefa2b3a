import type { Words } from './words.ts';

export const zh: Words = {
  inThisIssue: '本期内容',
  why: '您收到此邮件是因为订阅了 {list}。',
  unsubscribe: '退订',
  preferences: '偏好设置',
  web: '在浏览器中查看',
  notes: '注释',
  image: '图片',
  alerts: {
    note: '说明',
    tip: '提示',
    important: '重要',
    warning: '警告',
    caution: '注意',
  },
};
