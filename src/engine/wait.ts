/** An instant that is waited for. Times in ms. */
export interface Wait {
  /** From `now` on, for so long. */
  start(now: number, ms: number): void;
  /** Its end, or `now` when it is over or never began. */
  until(now: number): number;
}

/** A clock that is set back must not make a wait of a minute one of a day: then it is over. */
export function openWait(): Wait {
  let from = -Infinity;
  let length = 0;
  return {
    start(now, ms) {
      from = now;
      length = ms;
    },
    until: (now) => (now < from ? now : Math.max(now, from + length)),
  };
}
