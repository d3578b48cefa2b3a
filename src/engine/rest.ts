import { openWait } from './wait.ts';

/** Something that fails is left alone, for pauses that grow: a relay, or the servers of a domain. Times in ms. */
export interface Rest {
  /** Not before this instant; `now`: at once. */
  until(now: number): number;
  /** Failures in a row; while there are any, one message at a time finds out whether it works again. */
  failures(): number;
  /** An attempt that began at `begun` came through at `now`. */
  worked(begun: number, now: number): void;
  /** An attempt that began at `begun` failed at `now`. */
  failed(begun: number, now: number): void;
}

/** Pauses `first` ms after the first failure, doubled after each that follows, at most `longest`. */
export function openRest(first: number, longest: number): Rest {
  let failures = 0;
  let failedAt = -Infinity;
  const pause = openWait();
  // All lanes fail at once when a server goes down: what had begun before the last failure is the same trouble, and
  // what came through then says nothing about now. A clock that was set back puts an end to that.
  const isOld = (begun: number, now: number) => begun <= failedAt && now >= failedAt;
  return {
    until: (now) => (failures === 0 ? now : pause.until(now)),
    failures: () => failures,
    worked(begun, now) {
      if (!isOld(begun, now)) failures = 0;
    },
    failed(begun, now) {
      if (isOld(begun, now)) return;
      failures += 1;
      failedAt = now;
      pause.start(now, Math.min(first * 2 ** (failures - 1), longest));
    },
  };
}
