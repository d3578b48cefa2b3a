import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openProgress } from '../../src/commands/send/open-progress.ts';

const counts = {
  queued: 4000,
  claimed: 0,
  sending: 0,
  accepted: 1000,
  rejected: 0,
  uncertain: 0,
  suppressed: 0,
  cancelled: 0,
};

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

/** A screen that keeps what is written, and a delivery of twenty messages a second shown on it. */
function scene(screen: { isTTY: boolean; columns?: number }, finish = async () => 0) {
  const written: string[] = [];
  const progress = openProgress(counts, false, finish, { ...screen, write: (text) => written.push(text) });
  let id = 0;
  const deliver = async (seconds: number) => {
    for (let n = 0; n < seconds * 20; n += 1) {
      await vi.advanceTimersByTimeAsync(50);
      id += 1;
      const kind = id % 100 === 0 ? 'rejected' : id % 50 === 25 ? 'deferred' : 'accepted';
      progress.settled(Date.now(), { id, address: `r${id}@slow.example.com`, kind, took: 2000 });
    }
  };
  return { written, progress, deliver };
}

test('elsewhere than on a terminal it is a line every ten seconds', async () => {
  const { written, progress, deliver } = scene({ isTTY: false });
  await deliver(9);
  expect(written).toEqual([]);
  await deliver(22);
  progress.beside(() => written.push('beside\n'));
  progress.close();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(written).toHaveLength(4);
  expect(written[1]).toMatch(
    /^1,39\d of 5,000: 1,3\d\d accepted, \d+ deferred, [34] rejected, 20\/s, 3 min left, mean 20\/s, slow: slow\.example\.com 2 s\n$/,
  );
  expect(written.join('')).not.toContain('\u001b');
});

test('limits that end later than the rate tells are what is left; they are asked seldom', async () => {
  const asked: number[] = [];
  const { written, progress, deliver } = scene({ isTTY: false }, async () => {
    asked.push(Date.now());
    return Date.now() + 5 * 3_600_000;
  });
  await deliver(41);
  progress.close();
  expect(written.at(-1)).toContain('5 h left');
  expect(asked.length).toBeLessThanOrEqual(4);
});

test.each([40, 80, 200])(
  'on a terminal of %i columns it stays within one line, whatever is said beside it',
  async (columns) => {
    const { written, progress, deliver } = scene({ isTTY: true, columns });
    await deliver(3);
    progress.beside(() => written.push('relay two works again\n'));
    await deliver(1);
    progress.close();
    await vi.advanceTimersByTimeAsync(10_000);
    const text = written.join('');
    // As a terminal would show it: each drawing takes the one before away.
    const lines = text.split('\n').map((line) => line.split('\r\u001b[2K').at(-1)!);
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe('relay two works again');
    expect(lines[1]).toMatch(/^==-------- {2}21% \| 1,0\d\d accepted/);
    if (columns === 200) expect(lines[1]).toContain('slow: slow.example.com 2 s');
    for (const drawn of text.split(/\r\u001b\[2K|\n/)) expect(drawn.length).toBeLessThan(columns);
  },
);

test('quiet is quiet', async () => {
  const written: string[] = [];
  const progress = openProgress(counts, true, async () => 0, {
    isTTY: true,
    write: (text) => written.push(text),
  });
  progress.settled(Date.now(), { id: 1, address: 'a@example.com', kind: 'accepted', took: 1 });
  await vi.advanceTimersByTimeAsync(30_000);
  progress.close();
  expect(written).toEqual([]);
});
