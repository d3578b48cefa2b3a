import { type Service, SUBSCRIBED, skipped, suppressed } from './service.ts';
import { standingOfWord } from './standing-of-word.ts';

/**
 * An audience export of Mailchimp: a ZIP of `subscribed_…csv`, `unsubscribed_…csv` and `cleaned_…csv`, in some accounts
 * `nonsubscribed_…csv` too, whose names alone say that. Columns as of 2026: Email Address, First Name, Last Name, merge
 * fields of the audience, MEMBER_RATING, OPTIN_TIME, CONFIRM_TIME …, LEID, EUID, NOTES, TAGS; UNSUB_TIME and UNSUB_REASON, or
 * CLEAN_TIME, in the other files. "Cleaned" has bounced hard: https://mailchimp.com/help/about-cleaned-contacts/
 */
export const mailchimp: Service = {
  name: 'mailchimp',
  title: 'Mailchimp',
  recognises: (columns) => columns.has('leid') || columns.has('euid') || columns.has('optin_time'),
  email: ['email_address', 'email'],
  renamed: { confirm_time: 'joined', optin_time: 'joined', cc: 'country' },
  left: [
    'member_rating',
    'optin_ip',
    'confirm_ip',
    'latitude',
    'longitude',
    'gmtoff',
    'dstoff',
    'last_changed',
    'leid',
    'euid',
    'status',
    'unsub_time',
    'unsub_campaign_title',
    'unsub_campaign_id',
    'unsub_reason',
    'unsub_reason_other',
    'clean_time',
    'clean_campaign_title',
    'clean_campaign_id',
  ],
  json: [],
  standing(cell, file) {
    if (cell('clean_time') !== '' || file.startsWith('cleaned'))
      return suppressed('bounced', cell('clean_time'));
    if (cell('unsub_time') !== '' || file.startsWith('unsubscribed')) {
      // "Abuse" is what Mailchimp writes when a mailbox provider passed on a complaint.
      const complained = /abuse|spam/i.test(cell('unsub_reason'));
      return suppressed(complained ? 'complained' : 'unsubscribed', cell('unsub_time'));
    }
    if (/^non-?subscribed/.test(file)) return skipped('never subscribed');
    return cell('status') === '' ? SUBSCRIBED : standingOfWord(cell('status'), cell('last_changed'));
  },
};
