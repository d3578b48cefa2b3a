import { EMAIL } from '../read-list.ts';
import { isNo, isYes, type Service, SUBSCRIBED, suppressed } from './service.ts';
import { standingOfWord } from './standing-of-word.ts';

/**
 * A CSV of anybody's making, our own exports among them: every column is a field, but `status`, `subscribed` and
 * `unsubscribed` (yes and no, or the day on which they left), which say who may be mailed.
 */
export const plainCsv: Service = {
  name: 'csv',
  title: 'a plain CSV',
  recognises: () => true,
  email: [...EMAIL, 'mail', 'e-mail_address', 'emailaddress', 'subscriber_email'],
  renamed: {},
  left: ['status', 'subscribed', 'unsubscribed', 'unsubscribed_at'],
  json: [],
  standing(cell) {
    const left = cell('unsubscribed_at') || cell('unsubscribed');
    if (left !== '' && !isNo(left)) return suppressed('unsubscribed', isYes(left) ? '' : left);
    if (isNo(cell('subscribed'))) return suppressed('unsubscribed');
    return cell('status') === '' ? SUBSCRIBED : standingOfWord(cell('status'));
  },
};
