import type { Outcome, Reply, Stage } from '../mail.ts';

/** What happened to one message, before it is judged. */
export interface Happening {
  readonly stage: Stage;
  /** The server's last reply, as it came; null: the connection was lost or never made. */
  readonly reply: string | null;
  /** What the socket or TLS said, when there is no reply. */
  readonly error: string;
  /** TLS or login could not be agreed on, without a reply. */
  readonly configuration?: boolean;
  /** Our stream was read to its end: a final dot may have been sent. */
  readonly contentEnded: boolean;
}

/** Turns what happened into an Outcome: the one place where RFC 5321 §4.2.1 codes become decisions. */
export function outcomeOf({ stage, reply: line, error, configuration, contentEnded }: Happening): Outcome {
  const reply = line === null ? null : parseReply(line);
  if (reply && reply.code >= 200 && reply.code < 300 && contentEnded)
    return { kind: 'accepted', stage: 'final', reply };
  const reason = reply ? `${reply.code} ${reply.text}` : error;
  if (!reply) {
    if (contentEnded) return { kind: 'uncertain', stage: 'final', reason };
    const cause = configuration
      ? 'configuration'
      : ['rcpt', 'data', 'content'].includes(stage)
        ? 'connection'
        : 'relay';
    return { kind: 'deferred', cause, stage, reply, reason };
  }
  const permanent = reply.code >= 500 && reply.code < 600;
  switch (stage) {
    case 'starttls':
      return { kind: 'deferred', cause: 'configuration', stage, reply, reason };
    case 'auth':
      // 454 and 421 pass by themselves; a refused password does not, and no reader is to blame for it.
      return { kind: 'deferred', cause: permanent ? 'configuration' : 'relay', stage, reply, reason };
    case 'connect':
    case 'greeting':
    case 'ehlo':
    case 'mail':
      return { kind: 'deferred', cause: 'relay', stage, reply, reason };
    default:
      if (permanent) return { kind: 'rejected', stage, reply };
      // 421 closes the channel (RFC 5321 §3.8): before the content it is the server's trouble, not the reader's.
      return {
        kind: 'deferred',
        cause: reply.code === 421 && !contentEnded ? 'relay' : 'recipient',
        stage,
        reply,
        reason,
      };
  }
}

/** Code, enhanced code (RFC 3463) and text of a reply; control characters gone, at most 300 characters. */
export function parseReply(line: string): Reply {
  const lines = line.split(/\r?\n/).filter(Boolean);
  const code = Number(/^\d{3}/.exec(lines[0] ?? '')?.[0] ?? 0);
  const text = lines.map((one) => one.replace(/^\d{3}[ -]?/, '')).join(' ');
  const enhanced = /^([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null;
  return {
    code,
    enhanced,
    text: text
      .replace(/\p{Cc}+/gu, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 300),
  };
}
