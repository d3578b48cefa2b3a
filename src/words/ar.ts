import type { Words } from './words.ts';

export const ar: Words = {
  inThisIssue: 'في هذا العدد',
  why: 'وصلتك هذه الرسالة لأنك مشترك في {list}.',
  unsubscribe: 'إلغاء الاشتراك',
  preferences: 'التفضيلات',
  web: 'عرض في المتصفح',
  notes: 'ملاحظات',
  image: 'صورة',
  alerts: {
    note: 'ملاحظة',
    tip: 'نصيحة',
    important: 'مهم',
    warning: 'تحذير',
    caution: 'تنبيه',
  },
};
