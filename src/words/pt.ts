import type { Words } from './words.ts';

export const pt: Words = {
  inThisIssue: 'Nesta edição',
  why: 'Você recebe esta mensagem porque assina {list}.',
  unsubscribe: 'Cancelar a inscrição',
  preferences: 'Preferências',
  web: 'Ver no navegador',
  notes: 'Notas',
  image: 'imagem',
  alerts: {
    note: 'Nota',
    tip: 'Dica',
    important: 'Importante',
    warning: 'Aviso',
    caution: 'Cuidado',
  },
};
