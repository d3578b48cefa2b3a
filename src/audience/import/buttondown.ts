import { type Service, SUBSCRIBED, skipped, suppressed } from './service.ts';
import { standingOfWord } from './standing-of-word.ts';

/**
 * An export of Buttondown: email (or email_address), notes, metadata (JSON), tags, type (or subscriber_type),
 * creation_date, referrer_url, secondary_id and more. What the types mean: `SubscriberType` in
 * https://github.com/buttondown/openapi/blob/main/enums.json
 */
export const buttondown: Service = {
  name: 'buttondown',
  title: 'Buttondown',
  recognises: (columns) =>
    columns.has('subscriber_type') ||
    columns.has('unsubscription_date') ||
    (columns.has('metadata') && (columns.has('type') || columns.has('creation_date'))),
  email: ['email', 'email_address'],
  renamed: { creation_date: 'joined', type: 'plan', subscriber_type: 'plan' },
  left: [
    'id',
    'secondary_id',
    'ip_address',
    'referrer_url',
    'unsubscription_date',
    'unsubscription_reason',
    'undeliverability_date',
    'undeliverability_reason',
    'risk_score',
    'firewall_reasons',
    'last_open_date',
    'last_click_date',
    'stripe_customer_id',
    'stripe_customer',
  ],
  json: ['metadata'],
  standing(cell, file) {
    const type = (cell('subscriber_type') || cell('type')).toLowerCase();
    const left = cell('unsubscription_date');
    if (left !== '' || file.startsWith('unsubscriber')) return suppressed('unsubscribed', left);
    if (cell('undeliverability_date') !== '') return suppressed('bounced', cell('undeliverability_date'));
    // All of these are mailed, whether they pay or not.
    if (/^(?:regular|premium|trialed|unpaid|gifted|churning|churned|paused|past_due)$/.test(type))
      return SUBSCRIBED;
    if (/^(?:spammy|malicious)$/.test(type)) return skipped('spam, by its own judgement');
    return type === 'upcoming' ? skipped('never confirmed') : standingOfWord(type);
  },
};
