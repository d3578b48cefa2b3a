import { html, raw } from 'hono/html';
import type { ReplyCount } from '../campaign/campaign.ts';
import { duration, instant, number } from './in-words.ts';
import { latencyPlot, stackedBar, timelinePlot } from './plots.ts';
import type { DomainReport, Report } from './report.ts';
import { REPORT_STYLE } from './report-style.ts';

type Markup = ReturnType<typeof html>;

/** So many kinds of replies are shown. */
const REPLIES = 50;

/** One page, whole in itself: no script, nothing fetched, and no address of a reader. `at`: when it was made. */
export function renderReport(reports: readonly Report[], at: number): string {
  const title = reports.length === 1 ? titleOf(reports[0]!) : (reports[0]?.campaign.slug ?? 'Nothing');
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${raw(REPORT_STYLE)}</style>
</head>
<body>
<main>
${reports.map(section)}
<p class="quiet"><small>Made at ${instant(at)}.</small></p>
</main>
</body>
</html>
`);
}

function titleOf({ campaign }: Report): string {
  return `${campaign.slug} to ${campaign.list}`;
}

function section(report: Report): Markup {
  const { campaign, counts, deferred, accepted, latency, domains, replies } = report;
  // Of a campaign under way they were counted a moment later than the deferred ones.
  const waiting = Math.max(counts.queued + counts.claimed + counts.sending - deferred, 0);
  const numbers = [
    ['accepted', 'accepted', counts.accepted],
    ['deferred', 'deferred', deferred],
    ['rejected', 'rejected', counts.rejected],
    ['uncertain', 'uncertain', counts.uncertain],
    ['others', 'to go', waiting],
    ['others', 'suppressed', counts.suppressed],
    ['others', 'cancelled', counts.cancelled],
  ] as const;
  const shown = numbers.filter(([, name, count]) => count > 0 || name === 'accepted');
  const others = waiting + counts.suppressed + counts.cancelled;
  const whole = { ...counts, deferred, others };
  return html`
<h1>${titleOf(report)}</h1>
<p class="quiet">Begun ${instant(campaign.createdAt)}: ${campaign.state}${campaign.reason ? ` (${campaign.reason})` : ''}</p>
<section aria-label="Counts">
  <dl class="numbers">${shown.map(
    ([part, name, count]) => html`<div><dt class="key ${part}">${name}</dt><dd>${number(count)}</dd></div>`,
  )}</dl>
  <p>${stackedBar(whole, shown.map(([, name, count]) => `${number(count)} ${name}`).join(', '))}</p>
</section>
${accepted && html`<section><h2>Accepted over time</h2>${timelinePlot(accepted)}</section>`}
${
  latency &&
  html`<section><h2>How long a server took to accept a message</h2>
  <p class="quiet"><small>From the first byte of its content to the reply; the lines are at 50, 90 and 99 %.</small></p>
  ${latencyPlot(latency)}</section>`
}
<section><h2>By domain</h2>${domains.length > 0 ? html`<ul class="domains">${domains.map(domainRow)}</ul>` : html`<p>Nobody.</p>`}</section>
<section><h2>Not accepted, by reply</h2>${
    replies.length > 0
      ? html`<ul class="replies">${replies.slice(0, REPLIES).map(replyRow)}</ul>${
          replies.length > REPLIES ? html`<p>And ${number(replies.length - REPLIES)} other replies.</p>` : ''
        }<p class="quiet"><small>Who they are: <code>npm run -s status -- ${campaign.slug} --csv</code></small></p>`
      : html`<p>Everybody who was tried was accepted.</p>`
  }</section>`;
}

function domainRow(of: DomainReport): Markup {
  const parts = (['accepted', 'deferred', 'rejected', 'uncertain'] as const).filter((part) => of[part] > 0);
  const words = [
    ...parts.map((part) => `${number(of[part])} ${part}`),
    ...(of.others > 0 ? [`${number(of.others)} others`] : []),
  ].join(', ');
  const { latency } = of;
  return html`<li><div class="row"><strong>${of.domain ?? 'all other domains'}</strong><small>${
    latency ? `half within ${duration(latency.p50)}, 99 % within ${duration(latency.p99)}` : ''
  }</small></div>${stackedBar(of, words)}<small>${words}</small></li>`;
}

function replyRow({ state, code, enhanced, reply, count }: ReplyCount): Markup {
  const name = state === 'queued' ? 'deferred' : state;
  const words = enhanced && !reply.startsWith(enhanced) ? `${enhanced} ${reply}` : reply;
  return html`<li><div class="row"><b>${number(count)}</b><span><span class="key ${name}">${name}</span> ${code || ''} ${words}</span></div></li>`;
}
