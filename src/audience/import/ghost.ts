import { isNo, type Service, SUBSCRIBED, skipped, suppressed } from './service.ts';

/**
 * The members' CSV of Ghost: id, email, name, note, subscribed_to_emails, complimentary_plan, stripe_customer_id,
 * created_at, deleted_at, labels, tiers (`products` before version 5), by its `members-csv/lib/unparse.js`. False in
 * `subscribed_to_emails`: a member of the site who gets no newsletter.
 */
export const ghost: Service = {
  name: 'ghost',
  title: 'Ghost',
  recognises: (columns) => columns.has('subscribed_to_emails') && columns.has('email'),
  email: ['email'],
  renamed: { created_at: 'joined', products: 'tiers' },
  left: ['id', 'uuid', 'stripe_customer_id', 'deleted_at', 'subscribed_to_emails', 'error'],
  json: [],
  standing(cell) {
    if (cell('deleted_at') !== '') return skipped('deleted');
    return isNo(cell('subscribed_to_emails')) ? suppressed('unsubscribed') : SUBSCRIBED;
  },
};
