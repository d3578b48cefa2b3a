import type { Incoming, Severity } from '../incoming.ts';

/** A POST of a provider. */
export interface WebhookRequest {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** One thing that a provider tells. Its id is the same when it is told again, so that it is handled once. */
export interface WebhookEvent {
  readonly id: string;
  readonly incoming: Incoming;
}

/**
 * What a POST came to: events (none, when it is about something else), a refusal with the status to answer, or an
 * address that the provider wants to be asked once, to see that we meant it.
 */
export type WebhookRead =
  | { readonly events: readonly WebhookEvent[] }
  | { readonly refused: 400 | 401 | 413; readonly why: string }
  | { readonly confirm: string };

/** More than any event, which never holds the mail itself. */
export const LARGEST_BODY = 1024 * 1024;

/** JSON, or null; a body that is too large is not looked at. */
export function readJson(body: string): unknown {
  if (body.length > LARGEST_BODY) return null;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

/** An event in the form in which mail is taken in. It is signed, so its address counts as proof. */
export function eventOf(event: {
  readonly id: string;
  readonly kind: 'bounce' | 'complaint' | 'unsubscribe';
  readonly address: string;
  readonly severity: Severity;
  readonly diagnostic: string;
  /** The reverse-path and the Message-ID that our message had, where the provider tells them. */
  readonly path: string;
  readonly messageId: string;
}): WebhookEvent {
  const { id, kind, address, severity, diagnostic, path, messageId } = event;
  return {
    id,
    incoming: {
      kind,
      paths: path === '' ? [] : [path],
      messageIds: messageId === '' ? [] : [messageId.startsWith('<') ? messageId : `<${messageId}>`],
      failures:
        kind === 'unsubscribe'
          ? []
          : [{ address, severity, status: '', diagnostic: diagnostic.slice(0, 300) }],
      from: kind === 'unsubscribe' ? address : '',
      unsubscribe: '',
    },
  };
}
