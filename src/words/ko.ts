import type { Words } from './words.ts';

export const ko: Words = {
  inThisIssue: '이번 호 내용',
  why: '{list} 구독자이기 때문에 이 메일을 보내 드립니다.',
  unsubscribe: '구독 취소',
  preferences: '설정',
  web: '브라우저에서 보기',
  notes: '주석',
  image: '이미지',
  alerts: {
    note: '참고',
    tip: '팁',
    important: '중요',
    warning: '경고',
    caution: '주의',
  },
};
