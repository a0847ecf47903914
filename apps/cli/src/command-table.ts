/** The commands, and the short names that users of other tools type. */
export const COMMANDS = {
  benchmark: { aliases: ["bench"], arguments: "[targets..]", describe: "Send many requests and report percentiles" },
  run: {
    aliases: [],
    arguments: "[targets..]",
    describe: "Run the scenarios of the configuration file and keep everything in a directory",
  },
  compare: { aliases: ["cmp"], arguments: "[sides..]", describe: "Say which of several targets, or of saved results, is faster" },
  profile: { aliases: ["prof"], arguments: "[target]", describe: "Look at one request in depth" },
  validate: { aliases: ["val"], arguments: "[targets..]", describe: "Check key, endpoint and model before a run" },
  selftest: { aliases: [], arguments: "", describe: "Measure this machine's own error against known truth" },
  merge: { aliases: [], arguments: "[results..]", describe: "Join the reports of shards, or of repeated runs" },
  export: { aliases: ["exp"], arguments: "[result]", describe: "Turn a saved result into other formats" },
  report: { aliases: [], arguments: "[result]", describe: "Turn a saved result into a page for the browser" },
  baseline: { aliases: [], arguments: "[action] [name] [result]", describe: "Save, list or show results to compare with" },
  check: { aliases: [], arguments: "[result]", describe: "Hold a saved result against thresholds" },
  monitor: { aliases: [], arguments: "[targets..]", describe: "Probe targets on a schedule and serve metrics of them" },
  healthcheck: { aliases: [], arguments: "[url]", describe: "Say by the exit code whether a monitor is well" },
  dataset: { aliases: [], arguments: "[task] [file]", describe: "Say what a file of prompts holds, and what is wrong with it" },
  sim: { aliases: [], arguments: "", describe: "Serve pretended models with known latencies" },
  config: { aliases: [], arguments: "[targets..]", describe: "Show the settings in force and where they come from" },
  completion: { aliases: [], arguments: "[shell]", describe: "Print a completion script for bash, zsh or fish" },
} as const;

export type CommandName = keyof typeof COMMANDS;

/** Commands that talk to a target. */
export const REQUESTING: readonly CommandName[] = ["benchmark", "run", "compare", "profile", "validate", "monitor", "config"];
/** Commands that measure. */
export const MEASURING: readonly CommandName[] = ["benchmark", "run", "compare", "profile", "config"];
/** Commands that send a prompt of the user's. */
export const PROMPTING: readonly CommandName[] = [...MEASURING, "monitor"];
/** Commands that print what they found of a target. */
export const PRINTING: readonly CommandName[] = ["benchmark", "run", "compare", "profile", "validate", "config"];
/** Commands that write reports. */
export const REPORTING: readonly CommandName[] = [...MEASURING, "merge", "export", "check"];
/** Commands that make load. */
export const LOADING: readonly CommandName[] = ["benchmark", "run", "compare", "config"];
