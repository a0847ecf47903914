// @ts-check
/** How long it takes until the command has said something, beside a Node that does nothing. */
import path from "node:path";
import { rootDir } from "../../scripts/workspace.mjs";
import { CLIENT_CORE, run } from "../processes.mjs";
import { median } from "../table.mjs";

const STARTS_PER_ROUND = 4;

/** @param {import("../main.mjs").Settings} settings @returns {Promise<readonly import("../table.mjs").Table[]>} */
export async function startup({ rounds }) {
  const commands = [
    { name: "node -e 0", command: [process.execPath, "-e", "0"], expected: /^$/ },
    {
      name: "lens --version",
      command: [process.execPath, path.join(rootDir, "apps/cli/bin/lens.js"), "--version"],
      expected: /\d+\.\d+\.\d+/,
    },
  ];
  const rows = [];
  /** @type {Map<string, number[]>} */
  const timesMs = new Map(commands.map(({ name }) => [name, []]));
  for (let start = 0; start < rounds * STARTS_PER_ROUND; start += 1) {
    for (const { name, command, expected } of commands) {
      const startMs = performance.now();
      const output = await run(command, CLIENT_CORE);
      timesMs.get(name)?.push(performance.now() - startMs);
      if (!expected.test(output.trim())) throw new Error(`${name} printed ${JSON.stringify(output)}.`);
    }
  }
  for (const [name, times] of timesMs) rows.push([name, median(times), Math.min(...times)]);
  return [{ title: "Start-up", columns: ["command", "median, ms", "least, ms"], rows, notes: [] }];
}
