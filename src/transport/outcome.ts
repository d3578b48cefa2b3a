import { judgeReply } from '../judge-reply.ts';
import type { Outcome, Reply, Stage } from '../mail.ts';

/** What happened to one message, before it is judged. */
export interface Happening {
  readonly stage: Stage;
  /** The server's last reply, as it came; null: the connection was lost or never made. */
  readonly reply: string | null;
  /** What the socket or TLS said, when there is no reply. */
  readonly error: string;
  /** Our settings are to blame: TLS or login could not be agreed on, or the message cannot be taken there at all. */
  readonly configuration?: boolean;
  /** Our stream was read to its end: a final dot may have been sent. */
  readonly contentEnded: boolean;
}

/** Where a failure can be the reader's; before that it is the relay's or the sender's. */
const READER_STAGES: readonly Stage[] = ['rcpt', 'data', 'content', 'final'];

/** OpenSSL, of a server that answers in plain text where TLS was begun. */
const NOT_TLS = /wrong version number|tls_validate_record_header|packet length too long|unknown protocol/i;
const NO_TLS =
  'The server does not speak TLS from the start on this port: smtps:// is for port 465, else use smtp://';

/** Turns what happened into an Outcome: the one place where RFC 5321 §4.2.1 codes become decisions. Never throws. */
export function outcomeOf({ stage, reply: line, error, configuration, contentEnded }: Happening): Outcome {
  const reply = line === null ? null : parseReply(line);
  const kind = Math.floor((reply?.code ?? 0) / 100);
  if (reply && contentEnded && kind === 2) return { kind: 'accepted', stage: 'final', reply };
  const reason = reply ? `${reply.code || ''} ${reply.text}`.trim() : NOT_TLS.test(error) ? NO_TLS : error;
  // RFC 1047: nothing, or nothing that can be understood, was heard after the final dot.
  if (contentEnded && kind !== 4 && kind !== 5) return { kind: 'uncertain', stage: 'final', reason };
  const defer = (cause: (Outcome & { kind: 'deferred' })['cause']): Outcome => ({
    kind: 'deferred',
    cause,
    stage,
    reply,
    reason,
  });
  if (configuration) return defer('configuration');
  // 454 and 421 pass by themselves; a refused password or no TLS does not, and no reader is to blame for it.
  if ((stage === 'auth' || stage === 'starttls') && kind === 5) return defer('configuration');
  if (!READER_STAGES.includes(stage)) return defer('relay');
  if (!reply) return defer('connection');
  if (kind === 5) return { kind: 'rejected', stage, reply };
  // 421 closes the channel (RFC 5321 §3.8): before the content ended it is the server's trouble, not the reader's, unless
  // it says otherwise: Gmail's 421 4.7.28 to RCPT is about Gmail's readers.
  if (kind === 4) {
    const relays = reply.code === 421 && !contentEnded && judgeReply(reply) === 'other';
    return defer(relays ? 'relay' : 'recipient');
  }
  // A reply that makes no sense here: the dialogue is out of step.
  return defer('relay');
}

/** Code, enhanced code (RFC 3463) and text of a reply; nothing invisible in it, at most 300 characters. */
export function parseReply(line: string): Reply {
  const lines = line.split(/\r?\n/).filter(Boolean);
  const code = Number(/^[2-5]\d\d(?!\d)/.exec(lines[0] ?? '')?.[0] ?? 0);
  const text = lines.map((one) => one.replace(/^\d{3}[ -]?/, '')).join(' ');
  const enhanced = /^([245]\.\d{1,3}\.\d{1,3})(?![\d.])/.exec(text)?.[1] ?? null;
  return { code, enhanced, text: plainText(text) };
}

/** What a server or a socket said, for a terminal: control and direction characters could rewrite the screen. */
export function plainText(text: string): string {
  return text
    .slice(0, 3000)
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
    .slice(0, 300);
}
