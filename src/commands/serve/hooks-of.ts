import type { Hono } from 'hono';
import { webhookRoutes } from '../../bounce/webhooks/webhook-routes.ts';
import type { Context } from '../../cli.ts';
import type { Ledger } from '../../ledger/ledger.ts';

/** As `npm run bounces` has it, where its options are not given. */
const SOFT = { most: 5, within: 30 * 86_400_000 };
/** A certificate has 2 KB. */
const LARGEST = 64 * 1024;
/** Amazon changes its certificate about once a year. */
const KEPT = 8;

/** The webhooks of a server over this ledger. */
export function hooksOf({ app, terminal }: Context, ledger: Ledger): Hono {
  const { newsletter, linkSecrets, webhooks } = app.config;
  const kept = new Map<string, string>();
  return webhookRoutes({
    secrets: webhooks,
    policy: { bounceAddress: newsletter.bounceAddress, linkSecrets, soft: SOFT },
    intake: {
      deliveriesTo: ledger.deliveriesTo,
      delivery: ledger.delivery,
      // A provider names the address that we wrote to, so its deliveries are all that can be meant.
      async *everyDelivery() {},
      // Each by itself: events that come at once share commits.
      suppress: async (all) => {
        await Promise.all(all.map((one) => ledger.suppress(one)));
      },
      handledReports: ledger.handledReports,
      handleReports: ledger.handleReports,
      softBounces: ledger.softBounces,
      now: Date.now,
    },
    async fetchText(url) {
      const known = kept.get(url);
      if (known !== undefined) return known;
      const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(10_000) });
      if (!response.ok) throw new Error(`Amazon answers ${response.status}`);
      let text = '';
      for await (const chunk of response.body ?? []) {
        text += Buffer.from(chunk).toString('latin1');
        if (text.length > LARGEST) throw new Error('Amazon answers too much');
      }
      if (url.endsWith('.pem')) {
        if (kept.size >= KEPT) kept.clear();
        kept.set(url, text);
      }
      return text;
    },
    log: (line) => terminal.insist(`${new Date().toISOString()} ${line}`),
  });
}
