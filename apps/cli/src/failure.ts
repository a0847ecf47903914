import { LensError } from "@lens/core";
import { exitCodeOf } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** Says in one line why the program ends, with the stack behind it where more was asked for, and gives the exit code. */
export async function reportFailure(error: unknown, { verbose }: { readonly verbose: boolean }, io: Io): Promise<number> {
  const { oneLine } = await import("./printable.ts");
  const message = error instanceof Error ? error.message : String(error);
  const prefix = error instanceof LensError && error.code !== "INTERNAL" ? "lens:" : "lens: internal error:";
  await io.stderr.write(`${prefix} ${oneLine(message)}\n`);
  if (verbose && error instanceof Error)
    await io.stderr.write(
      `${error.stack ?? ""}\n${error.cause instanceof Error ? `Caused by ${error.cause.stack ?? error.cause.message}\n` : ""}`,
    );
  return exitCodeOf(error);
}
