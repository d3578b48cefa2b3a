import type { Words } from './words.ts';

export const fa: Words = {
  inThisIssue: 'در این شماره',
  why: 'این نامه را دریافت می‌کنید چون مشترک {list} هستید.',
  unsubscribe: 'لغو اشتراک',
  preferences: 'تنظیمات',
  web: 'دیدن در مرورگر',
  notes: 'یادداشت‌ها',
  image: 'تصویر',
  alerts: {
    note: 'نکته',
    tip: 'ترفند',
    important: 'مهم',
    warning: 'هشدار',
    caution: 'احتیاط',
  },
};
