/** How the relay has been lately: when it may be spoken to again, and when to give up. Times in ms. */
export interface RelayHealth {
  restUntil(): number;
  /** A message came through, or was refused for its own sake. */
  worked(): void;
  /** An attempt begun at `begun` failed at `now` for the relay's sake. True: patience is over. */
  failed(begun: number, now: number): boolean;
}

/**
 * So many failures in a row, and sending pauses instead of knocking for ever: half a minute for a relay that has
 * worked, which may be restarting, and 3 s for one that never has, whose name is more likely wrong.
 */
const PATIENCE = { worked: 6, never: 3 };

/** Rests 1 s after the first failure, doubled after each that follows, at most a minute. */
export function openRelayHealth(): RelayHealth {
  let patience = PATIENCE.never;
  let failures = 0;
  let failedAt = -Infinity;
  let restUntil = 0;
  return {
    restUntil: () => restUntil,
    worked() {
      patience = PATIENCE.worked;
      failures = 0;
    },
    failed(begun, now) {
      // All lanes fail at once when a relay goes down: what had begun before the last failure is the same trouble.
      if (begun > failedAt) {
        failures += 1;
        failedAt = now;
        restUntil = now + Math.min(1000 * 2 ** (failures - 1), 60_000);
      }
      return failures >= patience;
    },
  };
}
