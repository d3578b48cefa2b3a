import type { Campaign } from '../../campaign/campaign.ts';
import type { DeliverReport } from '../../engine/deliver.ts';
import { instant } from './show-schedule.ts';

/** What is to be done about each end, for who reads the summary of a job. */
const NEXT: Readonly<Record<DeliverReport['end'], string>> = {
  finished: 'nothing',
  waiting: 'the next run goes on',
  interrupted: 'the next run goes on',
  paused: 'see the reason; the next run tries again',
  cancelled: 'nothing',
  configuration: 'see the reason, then run it again',
};

/** Campaigns with their counts as a Markdown table, for the summary page of a CI job. No addresses (invariant 8). */
export function summarise(
  ends: readonly { readonly campaign: Campaign; readonly report: DeliverReport | null }[],
): string {
  const rows = ends.map(({ campaign: { slug, list }, report }) => {
    if (!report) return `| ${slug} | ${list} | not begun | | | | | the next run goes on |`;
    const { accepted, queued, claimed, rejected, uncertain } = report.counts;
    const todo = [
      report.end === 'waiting' && report.nextDue
        ? `${NEXT.waiting}, from ${instant(report.nextDue)} on`
        : NEXT[report.end],
      (rejected > 0 || uncertain > 0) && `look: \`npm run status -- ${slug}\``,
    ];
    const counts = [accepted, queued + claimed, rejected, uncertain].map((count) =>
      count.toLocaleString('en'),
    );
    return `| ${slug} | ${list} | ${report.end} | ${counts.join(' | ')} | ${todo.filter(Boolean).join('; ')} |`;
  });
  return [
    '| issue | list | state | accepted | to go | rejected | uncertain | what to do |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: | --- |',
    ...rows,
  ].join('\n');
}
