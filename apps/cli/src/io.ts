import type { Cancel, Clock } from "@lens/core";
import type { Machine } from "@lens/metrics";

/** One of the two ways out. */
export interface Output {
  /** Resolves when the text is handed over. Never rejects: once the reader has gone, what is written is dropped. */
  write(text: string): Promise<void>;
  readonly isTty: boolean;
  readonly columns: number;
  readonly rows: number;
}

/** A running simulator that shares no thread with the measurement. */
export interface SimulatorProcess {
  /** Base URL by protocol, such as `openai`. */
  readonly baseUrls: Readonly<Record<string, string>>;
  /** Resolves when it has ended and its truth is written. */
  close(): Promise<void>;
}

/** The world as the program sees it, so that a test can hand over another. */
export interface Io {
  readonly stdout: Output;
  /** For people: progress, notes, errors. */
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly nodeVersion: string;
  /** Whether this Node imports TypeScript by itself. */
  readonly stripsTypes: boolean;
  /** Reads the standard input to its end. */
  readStdin(): Promise<string>;
  /** Asks a question that yes or no answers; null where nobody is there to answer. */
  confirm(question: string): Promise<boolean | null>;
  /** Calls back for every SIGINT and SIGTERM until cancelled. */
  onInterrupt(listener: () => void): Cancel;
  /** Calls back for every SIGHUP until cancelled; before and after, it ends the process as ever. */
  onHangUp(listener: () => void): Cancel;
  /** Calls back once, when the standard input ends. */
  onStdinEnd(listener: () => void): Cancel;
  /** Ends the process now, whatever is under way. */
  exitNow(code: number): void;
  /** Whether worker threads can be started: by the built program, not from its sources. */
  readonly startsWorkers: boolean;
  proxyFor(url: URL): string | null;
  /** Opens a file with the program that the user's desktop has for it; false where there is none. */
  openOnDesktop(path: string): Promise<boolean>;
  /** Starts `lens sim` with these arguments. Throws `INTERNAL` when it does not come up. */
  startSimulator(args: readonly string[]): Promise<SimulatorProcess>;
}
