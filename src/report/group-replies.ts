import type { ReplyCount } from '../campaign/campaign.ts';
import { replyKind } from './reply-kind.ts';

/** Joins replies that say the same, the most frequent first. */
export function groupReplies(replies: Iterable<ReplyCount>): ReplyCount[] {
  const groups = new Map<string, ReplyCount>();
  for (const one of replies) {
    const reply = replyKind(one.reply);
    const name = JSON.stringify([one.state, one.code, one.enhanced, reply]);
    const count = (groups.get(name)?.count ?? 0) + one.count;
    groups.set(name, { ...one, reply, count });
  }
  return [...groups.values()].sort((one, other) => other.count - one.count);
}
