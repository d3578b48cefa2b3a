import type { Words } from './words.ts';

export const zhHant: Words = {
  inThisIssue: '本期內容',
  why: '您收到這封郵件，是因為您訂閱了 {list}。',
  unsubscribe: '取消訂閱',
  preferences: '偏好設定',
  web: '在瀏覽器中檢視',
  notes: '註釋',
  image: '圖片',
  alerts: {
    note: '說明',
    tip: '提示',
    important: '重要',
    warning: '警告',
    caution: '注意',
  },
};
