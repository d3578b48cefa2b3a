import { setImmediate as turn } from 'node:timers/promises';
import type { Message, Stage } from '../mail.ts';
import type { Dialogue } from './dialogue.ts';
import { dotStuff } from './dot-stuff.ts';
import type { Happening } from './outcome.ts';

/** A connection on which messages are exchanged, and what its server can do. */
export interface Lane {
  readonly dialogue: Dialogue;
  /** RFC 2920: commands may come without waiting for the replies to those before. */
  readonly pipelining: boolean;
  /** RFC 6531: addresses may hold letters beyond ASCII. */
  readonly takesUtf8: boolean;
  /** RFC 1870: the greatest message, in octets; null: the server does not speak of sizes. */
  readonly largest: number | null;
  /** A transaction was begun and not ended: the next one begins with RSET. */
  open: boolean;
}

/** A message on its way. */
export interface Job {
  readonly message: Message;
  /** Called once, after the 354 and before any content; must not reject. */
  gate(): Promise<boolean>;
  /** The gate was called, so the delivery may be `sending` now. */
  asked: boolean;
}

export interface Exchanged<J extends Job> {
  /** Null: the gate said no. */
  readonly happening: Happening | null;
  /** Another message can follow on this lane. */
  readonly inStep: boolean;
  /** Its envelope went along with the content, its replies are still to be heard. */
  readonly next: J | null;
}

/** Content goes in parts of so many octets: until the last one is written, no final dot can have been sent. */
const PART = 128 * 1024;

/**
 * Sends one message over a lane. Three rules must never give way:
 * - No octet of content leaves before the server's 354 and before the gate has agreed.
 * - A reply counts for what was asked: who speaks unasked is out of step, and nothing of his is a final reply.
 * - `contentEnded` is true as soon as the final dot may have been sent.
 *
 * With PIPELINING the envelope is one packet, and that of the `next` message goes along with the final dot (RFC 2920
 * §3.1 allows it by name): a message costs one journey to the server and back instead of two, so twice as many get
 * through where that takes 50 ms. `said`: the envelope of this one has gone so.
 *
 * Where the CPU of a message of 50 KB goes, 0.21 ms unsigned on two cores where nodemailer's loop took 2.1: the one write
 * 0.06, its rows in the ledger 0.05, headers, links and holes 0.035, dots 0.005, replies, promises and what is thrown away
 * 0.06. Signed, 0.25 more on another thread (`prepare-messages.ts`), 0.03 for the hash of what follows the first hole and
 * 0.015 for the field. Then this thread works for 54 % of the time, waits 36 % for a core and 10 % for the disk.
 */
export async function exchange<J extends Job>(
  lane: Lane,
  job: J,
  said: boolean,
  takeNext: () => J | null,
): Promise<Exchanged<J>> {
  const { dialogue } = lane;
  const progress = { stage: 'mail' as Stage, contentEnded: false };
  let next: J | null = null;
  const end = (reply: string | null, inStep: boolean, error = ''): Exchanged<J> => ({
    happening: { ...progress, reply, error },
    inStep: inStep && !reply?.startsWith('421'),
    next,
  });
  try {
    const refused = await begin(lane, job.message, said, progress);
    if (refused) return end(refused.reply, refused.inStep, refused.error);
    job.asked = true;
    if (!(await job.gate())) return { happening: null, inStep: false, next };
    // Also while the gate was asked: nothing he says before he has the content is an answer to it.
    const early = dialogue.spoken();
    if (early !== null) return end(null, false, outOfTurn(early));
    if (dialogue.lost()) return end(await dialogue.hear(), false);
    progress.stage = 'content';
    const parts = cut(dotStuff(job.message.content));
    const last = parts.pop()!;
    const final = dialogue.hear();
    for (const part of parts) {
      const early = await Promise.race([dialogue.say(part), final]);
      if (early !== undefined) return end(early, false);
    }
    lane.open = false;
    next = lane.pipelining ? takeNext() : null;
    progress.contentEnded = true;
    progress.stage = 'final';
    void dialogue.say(next === null ? last : [...last, commandsOf(lane, next.message).join('')]);
    const reply = await final;
    return end(reply, /^[245]\d\d/.test(reply));
  } catch (error) {
    return end(null, false, (error as Error).message);
  }
}

/** The commands that begin a message. Its addresses were checked: nothing in them ends a path or a line. */
function commandsOf(lane: Lane, { envelope: { from, to }, size }: Message): string[] {
  const utf8 = /^[\x21-\x7e]*$/.test(from + to) ? '' : ' SMTPUTF8';
  return [
    ...(lane.open ? ['RSET\r\n'] : []),
    `MAIL FROM:<${from}>${utf8}${lane.largest === null ? '' : ` SIZE=${size}`}\r\n`,
    `RCPT TO:<${to}>\r\n`,
    'DATA\r\n',
  ];
}

const STAGES: Readonly<Record<string, Stage>> = { RSET: 'mail', MAIL: 'mail', RCPT: 'rcpt', DATA: 'data' };

interface Refusal {
  readonly reply: string | null;
  readonly inStep: boolean;
  readonly error?: string;
}

/** Has a message begun, and hears the replies. Null: the server waits for the content. Throws when he is lost. */
async function begin(
  lane: Lane,
  message: Message,
  said: boolean,
  progress: { stage: Stage },
): Promise<Refusal | null> {
  const { dialogue, pipelining } = lane;
  const commands = commandsOf(lane, message);
  lane.open = true;
  if (pipelining && !said) void dialogue.say(commands);
  let refusal: { stage: Stage; reply: string } | null = null;
  for (const command of commands) {
    const stage = STAGES[command.slice(0, 4)]!;
    if (!refusal) progress.stage = stage;
    if (!pipelining) {
      if (refusal) break;
      const early = dialogue.spoken();
      if (early !== null) return { reply: early, inStep: false };
      void dialogue.say([command]);
    }
    const reply = await dialogue.hear();
    const [yes, no] = [reply.startsWith(stage === 'data' ? '354' : '2'), /^[45]\d\d/.test(reply)];
    if (command.startsWith('RSET') && !yes) return { reply: null, inStep: false, error: outOfTurn(reply) };
    if (reply.startsWith('421') || !(yes || no)) return { reply: refusal?.reply ?? reply, inStep: false };
    if (no) refusal ??= { stage, reply };
    else if (stage === 'data' && refusal) {
      // Who takes content from a sender that he has refused cannot be trusted with an empty message either.
      if (refusal.stage === 'mail') return { reply: refusal.reply, inStep: false };
      // RFC 2920 §3.1: a message to nobody is ended by a lone dot, whatever he says to it.
      void dialogue.say(['.\r\n']);
      await dialogue.hear();
    }
  }
  // What came along with the last reply, unasked, is here a turn later: then each may have answered another command.
  await turn();
  const early = dialogue.spoken();
  if (early !== null) return { reply: refusal ? null : early, inStep: false, error: outOfTurn(early) };
  return refusal && { reply: refusal.reply, inStep: !dialogue.lost() };
}

function outOfTurn(reply: string): string {
  return `The server spoke out of turn: ${reply}`;
}

/** The content in parts to be written one after the other; the last one holds the final dot. */
function cut(pieces: readonly Uint8Array[]): Uint8Array[][] {
  const parts: Uint8Array[][] = [[]];
  let room = PART;
  for (const piece of pieces)
    for (let at = 0; at < piece.length; ) {
      if (room === 0) {
        parts.push([]);
        room = PART;
      }
      const slice = at === 0 && piece.length <= room ? piece : piece.subarray(at, at + room);
      parts.at(-1)!.push(slice);
      at += slice.length;
      room -= slice.length;
    }
  return parts;
}
