import type { Io, Output } from "./io.ts";

/** Whether to colour what goes to `output`: the flag decides, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal. */
export function wantsColor(flag: boolean | undefined, env: Io["env"], output: Output): boolean {
  if (flag !== undefined) return flag;
  if ((env.NO_COLOR ?? "") !== "") return false;
  const forced = env.FORCE_COLOR;
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return output.isTty && env.TERM !== "dumb";
}
