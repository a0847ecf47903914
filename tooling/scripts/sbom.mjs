// @ts-check
/**
 * Writes what an installed program consists of into `sbom/`: a bill of materials (CycloneDX, JSON) and a list of licences. Fails where a part has no
 * licence, or a script that runs when it is installed. The packages must have been built.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { npmCommand } from "./npm.mjs";
import { packAll } from "./pack.mjs";
import { rootDir } from "./workspace.mjs";

/** @typedef {{ readonly license?: { readonly id?: string, readonly name?: string }, readonly expression?: string }} Licence */

const workDir = mkdtempSync(path.join(tmpdir(), "lens-sbom-"));
const intoDir = path.join(rootDir, "sbom");

/** @param {readonly string[]} args */
function npm(args) {
  const { command, args: all, env, shell } = npmCommand(args);
  return execFileSync(command, all, {
    cwd: workDir,
    env,
    shell,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** @param {readonly Licence[]} licences */
const licenceOf = (licences) =>
  licences
    .map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? "")
    .filter((name) => name !== "")
    .join(" AND ");

try {
  const packed = await packAll(workDir);
  const { version } = JSON.parse(readFileSync(path.join(rootDir, "apps/cli/package.json"), "utf8"));
  const dependencies = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  writeFileSync(
    path.join(workDir, "package.json"),
    // npm takes the tarballs for what the packages themselves depend on only where it is told so.
    JSON.stringify({
      name: "llm-latency-lens-release",
      version,
      private: true,
      license: "Apache-2.0",
      dependencies,
      overrides: Object.fromEntries(Object.keys(dependencies).map((name) => [name, `$${name}`])),
    }),
  );
  npm(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--omit=peer", "--omit=dev"]);
  const bill = JSON.parse(npm(["sbom", "--sbom-format", "cyclonedx", "--omit=dev"]));
  /** @type {{ packages: Record<string, { hasInstallScript?: boolean }> }} */
  const lock = JSON.parse(readFileSync(path.join(workDir, "package-lock.json"), "utf8"));

  const parts = /** @type {readonly { name: string, version: string, licenses?: readonly Licence[] }[]} */ (bill.components);
  const rows = parts.map(({ name, version: of, licenses = [] }) => ({ name, version: of, licence: licenceOf(licenses) }));
  const unlicensed = rows.filter(({ licence }) => licence === "").map(({ name }) => name);
  const scripted = Object.entries(lock.packages).flatMap(([name, { hasInstallScript }]) => (hasInstallScript === true ? [name] : []));

  mkdirSync(intoDir, { recursive: true });
  writeFileSync(path.join(intoDir, "llm-latency-lens.cdx.json"), `${JSON.stringify(bill, null, 2)}\n`);
  const sorted = rows.toSorted((one, other) => one.name.localeCompare(other.name));
  const table = sorted.map(({ name, version: of, licence }) => `| ${name} | ${of} | ${licence} |`).join("\n");
  writeFileSync(
    path.join(intoDir, "LICENCES.md"),
    `# Licences of llm-latency-lens ${version}\n\n| part | version | licence |\n| --- | --- | --- |\n${table}\n`,
  );
  console.log(`${rows.length} parts; ${[...new Set(rows.map(({ licence }) => licence))].toSorted().join(", ")}`);
  if (unlicensed.length > 0) throw new Error(`Expected a licence of every part, found none of ${unlicensed.join(", ")}.`);
  if (scripted.length > 0) throw new Error(`Expected no script that runs when a part is installed, found those of ${scripted.join(", ")}.`);
} finally {
  rmSync(workDir, { recursive: true, force: true });
}
