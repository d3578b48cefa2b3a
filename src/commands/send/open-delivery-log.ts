import { closeSync, openSync, writeSync } from 'node:fs';
import type { Campaign, Delivery } from '../../campaign/campaign.ts';
import type { Attempt } from '../../engine/deliver.ts';
import type { Outcome } from '../../mail.ts';

/** A file to which each settled delivery adds a line of JSON. */
export interface DeliveryLog {
  settled(delivery: Delivery, outcome: Outcome, attempt: Attempt): void;
  close(): void;
}

/**
 * Opens `--log FILE`, to add to it; throws when it cannot be opened, before anything is sent. A line holds the address
 * and nothing else of the reader (invariant 8). It is written at once: a process that is killed has told all it knew.
 * A disk that is full must not stop the sending, which the ledger records anyway: `complain` is told once.
 */
export function openDeliveryLog(
  path: string,
  campaign: Campaign,
  complain: (reason: string) => void,
): DeliveryLog {
  const file = openSync(path, 'a', 0o600);
  let failed = false;
  return {
    settled({ address }, outcome, { transition, messageId, relay, at, took }) {
      const { to, tries, dueAt, code, enhanced, reply } = transition;
      const line = JSON.stringify({
        at: new Date(at).toISOString(),
        campaign: campaign.id,
        issue: campaign.slug,
        list: campaign.list,
        address,
        outcome: outcome.kind,
        stage: outcome.stage,
        ...(outcome.kind === 'deferred' && { cause: outcome.cause, due: new Date(dueAt).toISOString() }),
        state: to,
        tries,
        code: code || null,
        enhanced,
        reply,
        relay,
        messageId,
        ms: took,
      });
      try {
        if (!failed) writeSync(file, `${line}\n`);
      } catch (error) {
        failed = true;
        complain((error as Error).message);
      }
    },
    close: () => closeSync(file),
  };
}
