// @ts-check
import { parseArgs } from "node:util";

export const USAGE = `pnpm bench [options]

  --only a,b       of parts, startup, streams, tls, requests, schedule, memory, compare, observe; all unless given
  --streams 1,100  how many streams at once; 1,100,1000,3000 unless given
  --clients a,b    only clients whose names contain one of these words
  --rounds N       rounds in which the clients take turns, or seeds of the comparison; 5 unless given
  --requests N     how many the memory suite sends; a million unless given
  --short          seconds instead of minutes: tries everything, and its figures mean nothing
  --write          puts the tables into docs/PERFORMANCE.md, in place of earlier ones of the same title
`;

/** @param {string} name @param {string} text */
function wholeNumber(name, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`Expected --${name} to be a whole number from 1 up, got \`${text}\`.`);
  return Number(text);
}

/** @param {string | undefined} list */
const words = (list) =>
  list
    ?.split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "") ?? null;

/** @param {readonly string[]} args what stands behind the script's name @param {readonly string[]} suiteNames */
export function readOptions(args, suiteNames) {
  const { values } = parseArgs({
    args: [...args].filter((arg) => arg !== "--"),
    options: {
      only: { type: "string" },
      streams: { type: "string" },
      clients: { type: "string" },
      rounds: { type: "string" },
      requests: { type: "string", default: "1000000" },
      short: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const only = words(values.only) ?? suiteNames;
  const unknown = only.find((name) => !suiteNames.includes(name));
  if (unknown !== undefined) throw new Error(`Expected --only to name some of ${suiteNames.join(", ")}; got \`${unknown}\`.`);
  const levels = values.streams ?? (values.short ? "20" : "1,100,1000,3000");
  return {
    only,
    levels: (words(levels) ?? []).map((count) => wholeNumber("streams", count)),
    clients: words(values.clients),
    rounds: wholeNumber("rounds", values.rounds ?? (values.short ? "1" : "5")),
    requests: wholeNumber("requests", values.requests),
    short: values.short,
    write: values.write,
    help: values.help,
  };
}
