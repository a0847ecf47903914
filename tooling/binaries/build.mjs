// @ts-check
/**
 * Builds the program as one file with Node in it, for each platform, into tooling/binaries/dist, with the checksums of all.
 *
 *   node tooling/binaries/build.mjs             for all platforms
 *   node tooling/binaries/build.mjs linux-x64   for those that are named
 *
 * Programs for macOS are not signed: on a Mac, `codesign --sign - FILE` does that.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inject } from "postject";
import { npmCommand } from "../scripts/npm.mjs";
import { rootDir } from "../scripts/workspace.mjs";
import { NODE_VERSION, ownPlatform, PLATFORMS } from "./platforms.mjs";

const DIST = path.join(rootDir, "tooling/binaries/dist");
const CODE = path.join(DIST, "code");
const NODES = path.join(rootDir, "node_modules/.cache/binaries");
/** What postject looks for in Node, and Node in itself (its documentation on single executable applications). */
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

/** @param {string} message */
const say = (message) => void process.stderr.write(`${message}\n`);

/** Node's own program for a platform, from the registry; fetched once. @param {import("./platforms.mjs").Platform} platform */
function nodeFor({ node, program }) {
  const folder = path.join(NODES, `${node}-${NODE_VERSION}`);
  const found = path.join(folder, "package", program);
  if (existsSync(found)) return found;
  say(`Fetching ${node} ${NODE_VERSION} …`);
  mkdirSync(folder, { recursive: true });
  const { command, args, env, shell } = npmCommand(["pack", `${node}@${NODE_VERSION}`, "--silent", "--pack-destination", folder]);
  execFileSync(command, args, { env, shell, stdio: ["ignore", "ignore", "inherit"] });
  const [tarball = ""] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  execFileSync("tar", ["-xzf", tarball, `package/${program}`], { cwd: folder });
  rmSync(path.join(folder, tarball));
  return found;
}

/** All code and its assets as the one blob that each program carries. @returns {Buffer} */
function makeBlob() {
  say("Bundling …");
  const tsup = path.join(rootDir, "node_modules/tsup/dist/cli-default.js");
  execFileSync(process.execPath, [tsup, "--config", "tooling/binaries/tsup.config.ts"], {
    cwd: rootDir,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const blob = path.join(CODE, "lens.blob");
  const config = path.join(CODE, "sea.json");
  const settings = {
    main: path.join(CODE, "lens.cjs"),
    output: blob,
    assets: { "worker.js": path.join(CODE, "worker.js") },
    disableExperimentalSEAWarning: true,
    // Made by one platform, it would be refused by the others.
    useCodeCache: false,
    useSnapshot: false,
  };
  writeFileSync(config, JSON.stringify(settings));
  execFileSync(nodeFor(ownPlatform()), ["--experimental-sea-config", config], { stdio: ["ignore", "ignore", "inherit"] });
  return readFileSync(blob);
}

const named = process.argv.slice(2);
const unknown = named.find((name) => !PLATFORMS.some((platform) => platform.name === name));
if (unknown !== undefined) throw new Error(`Expected some of ${PLATFORMS.map(({ name }) => name).join(", ")}, got \`${unknown}\`.`);

rmSync(DIST, { recursive: true, force: true });
mkdirSync(CODE, { recursive: true });
const blob = makeBlob();
const sums = [];
for (const platform of PLATFORMS) {
  if (named.length > 0 && !named.includes(platform.name)) continue;
  const name = `lens-${platform.name}${platform.suffix}`;
  const file = path.join(DIST, name);
  copyFileSync(nodeFor(platform), file);
  chmodSync(file, 0o755);
  await inject(file, "NODE_SEA_BLOB", blob, {
    sentinelFuse: FUSE,
    ...(platform.name.startsWith("darwin") ? { machoSegmentName: "NODE_SEA" } : {}),
  });
  const bytes = readFileSync(file);
  sums.push(`${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`);
  say(`${name}: ${(bytes.length / 1e6).toFixed(1)} MB`);
}
writeFileSync(path.join(DIST, "SHA256SUMS"), sums.join(""));
