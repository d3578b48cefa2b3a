/** Lets so many in at once as there is room for; who comes later waits. */
export interface Turnstile {
  /** Runs `work` when there is room, and gives what it gives. */
  through<T>(work: () => Promise<T>): Promise<T>;
}

/** `room` is asked anew each time, for it may grow. */
export function openTurnstile(room: () => number): Turnstile {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    async through(work) {
      while (inside >= room()) await new Promise<void>((enter) => waiting.push(enter));
      inside += 1;
      try {
        return await work();
      } finally {
        inside -= 1;
        for (const enter of waiting.splice(0, room() - inside)) enter();
      }
    },
  };
}
