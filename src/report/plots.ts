import { html } from 'hono/html';
import { duration, instant, number } from './in-words.ts';
import type { DomainReport, Latency, Timeline } from './report.ts';

type Markup = ReturnType<typeof html>;

const PARTS = ['accepted', 'deferred', 'rejected', 'uncertain', 'others'] as const;

/** One bar of parts, as long as all of them together; of nothing it is empty. */
export function stackedBar(of: Pick<DomainReport, (typeof PARTS)[number]>, label: string): Markup {
  const all = PARTS.reduce((sum, part) => sum + of[part], 0) || 1;
  let at = 0;
  const rects = PARTS.filter((part) => of[part] > 0).map((part) => {
    const width = (of[part] / all) * 1000;
    at += width;
    // Never so thin that it cannot be seen: one rejected of a million still is one.
    return html`<rect class="${part}" x="${round(Math.min(at - width, 996))}" width="${round(Math.max(width, 4))}" height="10"/>`;
  });
  return html`<svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>`;
}

/** How many were accepted in each interval. */
export function timelinePlot({ from, width, counts }: Timeline): Markup {
  const most = Math.max(...counts);
  const step = 1000 / counts.length;
  const rects = counts.map((count, index) =>
    count === 0
      ? ''
      : html`<rect x="${round(index * step)}" y="${round(100 - (count / most) * 100)}" width="${round(step * 0.9)}" height="${round((count / most) * 100)}"/>`,
  );
  const end = from + width * counts.length;
  const label = `Accepted messages from ${instant(from)} to ${instant(end)}, at most ${number(most)} in ${duration(width)}`;
  return html`<p class="axis"><span>at most ${number(most)} in ${duration(width)}</span></p>
    <svg class="plot" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>
    <p class="axis"><span>${instant(from)}</span><span>${instant(end)}</span></p>`;
}

/** How long replies took, from short to long on a scale of tenfolds, with lines at the percentiles. */
export function latencyPlot(latency: Latency): Markup {
  const { p50, p90, p99, longest, bins } = latency;
  const [low, high] = [Math.log(bins[0]!.upTo / 1.05), Math.log(longest * 1.05)];
  const x = (ms: number) => ((Math.log(Math.max(ms, 1)) - low) / (high - low)) * 1000;
  const most = Math.max(...bins.map(({ count }) => count));
  const rects = bins.map(({ upTo, count }) => {
    const height = Math.max((count / most) * 100, 1);
    return html`<rect x="${round(x(upTo / 1.05))}" y="${round(100 - height)}" width="${round(x(upTo) - x(upTo / 1.05))}" height="${round(height)}"/>`;
  });
  const lines = [p50, p90, p99].map(
    (ms) => html`<line x1="${round(x(ms))}" x2="${round(x(ms))}" y1="0" y2="100"/>`,
  );
  const words = `half within ${duration(p50)}, 90 % within ${duration(p90)}, 99 % within ${duration(p99)}, the longest ${duration(longest)}`;
  return html`<svg class="plot" viewBox="0 0 1000 100" preserveAspectRatio="none" role="img" aria-label="${`Replies: ${words}`}">${rects}${lines}</svg>
    <p class="axis"><span>${duration(bins[0]!.upTo / 1.05)}</span><span>${duration(longest)}</span></p>
    <dl class="numbers">
      <div><dt>half within</dt><dd>${duration(p50)}</dd></div>
      <div><dt>90 % within</dt><dd>${duration(p90)}</dd></div>
      <div><dt>99 % within</dt><dd>${duration(p99)}</dd></div>
      <div><dt>the longest</dt><dd>${duration(longest)}</dd></div>
    </dl>`;
}

function round(value: number): string {
  return value.toFixed(1);
}
