/** A progress line on standard error: redrawn on a terminal, a line now and then elsewhere. */
const BAR = 24;
const TERMINAL_MS = 100;
const LOG_MS = 15_000;

export interface Progress {
  /** @param done fraction in [0, 1] */
  update(done: number, text: string): void;
  end(text: string): void;
}

/** Starts a line for a piece of work. */
export function progress(title: string): Progress {
  const terminal = process.stderr.isTTY;
  const started = performance.now();
  let last = started;
  return {
    update(done, text) {
      const now = performance.now();
      if (now - last < (terminal ? TERMINAL_MS : LOG_MS)) return;
      last = now;
      const left = done > 0 ? ((now - started) / done) * (1 - done) : Number.NaN;
      const filled = Math.round(done * BAR);
      const bar = `${'='.repeat(filled)}${' '.repeat(BAR - filled)}`;
      const line = `${title} [${bar}] ${(100 * done).toFixed(0).padStart(3)} %  ${text}  ETA ${duration(left)}`;
      process.stderr.write(terminal ? `\r\x1b[2K${line}` : `${line}\n`);
    },
    end(text) {
      process.stderr.write(`${terminal ? '\r\x1b[2K' : ''}${title} ${text} in ${duration(performance.now() - started)}\n`);
    },
  };
}

/** Milliseconds in words. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '-';
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
