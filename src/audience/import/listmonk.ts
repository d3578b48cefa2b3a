import { type Service, suppressed } from './service.ts';
import { standingOfWord } from './standing-of-word.ts';

/**
 * An export of listmonk: uuid, email, name, attributes (JSON), status, created_at, updated_at, by its
 * `cmd/subscribers.go`. `enabled` is mailed, `blocklisted` never again, `disabled` not for now:
 * https://listmonk.app/docs/concepts/#subscriber
 */
export const listmonk: Service = {
  name: 'listmonk',
  title: 'listmonk',
  recognises: (columns) => columns.has('attributes') && columns.has('status') && columns.has('uuid'),
  email: ['email'],
  renamed: { created_at: 'joined' },
  left: ['id', 'uuid', 'updated_at', 'status'],
  json: ['attributes'],
  standing: (cell) =>
    cell('status').toLowerCase() === 'blocklisted'
      ? suppressed('manual', cell('updated_at'))
      : standingOfWord(cell('status')),
};
