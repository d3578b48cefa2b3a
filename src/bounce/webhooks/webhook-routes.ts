import { type Context, Hono } from 'hono';
import { type IntakePorts, type Policy, takeIn } from '../take-in.ts';
import { readMailgun } from './read-mailgun.ts';
import { readPostmark } from './read-postmark.ts';
import { readSes } from './read-ses.ts';
import { LARGEST_BODY, type WebhookEvent, type WebhookRead, type WebhookRequest } from './webhook.ts';

/** What each provider is known by; one that is null has no address here. */
export interface WebhookSecrets {
  /** ARN of the SNS topic. */
  readonly ses: string | null;
  /** `user:password`. */
  readonly postmark: string | null;
  /** The webhook signing key. */
  readonly mailgun: string | null;
}

/** What webhooks need of the world. What throws is answered with 500: providers then tell it again. */
export interface WebhookPorts {
  readonly secrets: WebhookSecrets;
  readonly policy: Omit<Policy, 'trusted'>;
  readonly intake: IntakePorts;
  /** Fetches an address of Amazon's: a certificate, or what it wants to be asked to see that we meant it. */
  fetchText(url: string): Promise<string>;
  log(line: string): void;
}

/**
 * `POST /ses`, `/postmark`, `/mailgun`: what providers tell about mail that came back. 200 only when all that follows
 * is durable; an event that is told again is handled once, whichever process it comes to.
 */
export function webhookRoutes(ports: WebhookPorts): Hono {
  const app = new Hono();
  const { ses, postmark, mailgun } = ports.secrets;
  if (ses) app.post('/ses', (context) => answer(context, (posted) => readSes(posted, ses, ports.fetchText)));
  if (postmark)
    app.post('/postmark', (context) => answer(context, (posted) => readPostmark(posted, postmark)));
  if (mailgun) app.post('/mailgun', (context) => answer(context, (posted) => readMailgun(posted, mailgun)));
  return app;

  async function answer(
    context: Context,
    read: (posted: WebhookRequest) => WebhookRead | Promise<WebhookRead>,
  ): Promise<Response> {
    const body = await readBody(context.req.raw.body);
    if (body === null) return context.text('too large', 413);
    const headers = context.req.header();
    const told = await read({ headers, body, now: ports.intake.now() });
    const provider = context.req.path.split('/').at(-1);
    if ('refused' in told) {
      ports.log(`A message for ${provider} was refused: ${told.why}.`);
      return context.text(told.why, told.refused);
    }
    if ('confirm' in told) {
      await ports.fetchText(told.confirm);
      ports.log(`${provider} asked whether we want its messages: yes.`);
      return context.text('yes');
    }
    const tally = await takeIn(arrivals(told.events), { ...ports.policy, trusted: true }, ports.intake);
    if (tally.read > tally.again)
      ports.log(
        `${provider}: ${tally.suppressed.length} suppressed, ${tally.soft} failed for now, of ${tally.read}.`,
      );
    return context.text('taken in');
  }
}

async function* arrivals(events: readonly WebhookEvent[]) {
  for (const event of events) yield { ...event, handled: async () => {} };
}

/** The text of a body; null: it is larger than any event. */
async function readBody(body: ReadableStream<Uint8Array> | null): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
