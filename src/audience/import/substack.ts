import { isYes, type Service, SUBSCRIBED, suppressed } from './service.ts';

/**
 * `email_list.PUBLICATION.csv` of an export of Substack: email, active_subscription (of those who pay), expiry, plan,
 * email_disabled, created_at, first_payment_at. Who turned mail off has `email_disabled` true:
 * https://support.substack.com/hc/en-us/articles/360037466012
 */
export const substack: Service = {
  name: 'substack',
  title: 'Substack',
  recognises: (columns) => columns.has('active_subscription') && columns.has('email'),
  email: ['email'],
  renamed: { created_at: 'joined', active_subscription: 'paid' },
  left: ['email_disabled', 'digest_enabled', 'stripe_connected_customer_id'],
  json: [],
  standing: (cell) => (isYes(cell('email_disabled')) ? suppressed('unsubscribed') : SUBSCRIBED),
};
