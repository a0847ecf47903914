// @ts-check
/**
 * What a new version means beyond the packages: the changelog of the whole, and the image that is deployed. `npm run version-packages` calls it.
 *
 *   node tooling/scripts/version.mjs            write them
 *   node tooling/scripts/version.mjs --check    fail where they are not those of the packages
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { joinChangelogs } from "./changelog.mjs";
import { publishedPackages, rootDir } from "./workspace.mjs";

const IMAGE = /(ghcr\.io\/llm-latency-lens\/llm-latency-lens:)\d+\.\d+\.\d+(?:-[\w.]+)?/g;
const KUBERNETES = "docker/kubernetes";

/** @param {string} file */
const read = (file) => readFileSync(path.join(rootDir, file), "utf8");

/** The files, by their names, as they should be. @returns {ReadonlyMap<string, string>} */
function wanted() {
  const { version } = JSON.parse(read("apps/cli/package.json"));
  const pages = publishedPackages()
    .map(({ folder, name }) => /** @type {const} */ ([name, `${folder}/CHANGELOG.md`]))
    .filter(([, file]) => existsSync(path.join(rootDir, file)));
  const deployed = [
    "docker/docker-compose.prod.yml",
    ...readdirSync(path.join(rootDir, KUBERNETES)).map((name) => `${KUBERNETES}/${name}`),
  ];
  return new Map([
    ["CHANGELOG.md", joinChangelogs(new Map(pages.map(([name, file]) => [name, read(file)])))],
    ...deployed.map((file) => /** @type {const} */ ([file, read(file).replaceAll(IMAGE, `$1${version}`)])),
  ]);
}

const isCheck = process.argv.includes("--check");
for (const [file, text] of wanted()) {
  if (existsSync(path.join(rootDir, file)) && read(file) === text) continue;
  if (!isCheck) writeFileSync(path.join(rootDir, file), text);
  else {
    console.error(`${file} is not that of the packages' version. \`node tooling/scripts/version.mjs\` writes it.`);
    process.exitCode = 1;
  }
}
