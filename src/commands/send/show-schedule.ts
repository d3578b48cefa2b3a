import type { Due, Held, Schedule } from '../../schedule/plan-schedule.ts';
import type { Terminal } from '../../terminal.ts';

/** Why a campaign under way is left alone, and what a person may do. */
const HELD: Readonly<Record<Held['why'], string>> = {
  gone: 'no issue that can be read has this name any more. Put it back to go on, or end it: npm run status -- SLUG --cancel',
  draft:
    'its issue is a draft now. Take "draft: true" out to go on, or end it: npm run status -- SLUG --cancel',
  paused: 'it was paused by hand. Go on with: npm run status -- SLUG --resume',
  'by-hand': 'its issue has no "sendAt". Go on with: npm run send -- SLUG',
};

/** Prints what a run of `send --due` found, before anything is sent. */
export function showSchedule(terminal: Terminal, schedule: Schedule, now: number): void {
  const { begin, goOn, later, held } = schedule;
  for (const { issue, at } of begin)
    terminal.say(`${terminal.paint('bold', issue.slug)} is due since ${instant(at)}.`);
  for (const { slug, list } of goOn)
    terminal.say(`${terminal.paint('bold', slug)} to ${list} is under way: going on.`);
  for (const { campaign, why } of held)
    terminal.say(
      `${terminal.paint('bold', campaign.slug)} to ${campaign.list} is held: ${HELD[why].replace('SLUG', campaign.slug)}`,
    );
  if (begin.length + goOn.length === 0) terminal.say('Nothing is due.');
  const next = later[0];
  if (next) terminal.say(`Next: ${nextWords(next, now)}.`);
  else if (begin.length + goOn.length === 0)
    terminal.say('Nothing is scheduled: no issue has a "sendAt" to come.');
}

function nextWords({ issue, at }: Due, now: number): string {
  const minutes = Math.ceil((at - now) / 60_000);
  const wait =
    minutes < 120
      ? `${minutes} min`
      : minutes < 2880
        ? `${Math.round(minutes / 60)} h`
        : `${Math.round(minutes / 1440)} days`;
  return `${issue.slug} at ${instant(at)}, in ${wait}`;
}

/** `2026-12-01 08:00 UTC`. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
