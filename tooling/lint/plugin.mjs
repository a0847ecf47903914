// @ts-check
/** The rules of this repository that no ready-made linter rule can hold. `tooling/test/lint.test.ts` proves each. */
import path from "node:path";
import { rootDir } from "../scripts/workspace.mjs";

/**
 * The one direction of imports: what the sources of each folder may import of `@lens/*`.
 * `providers` and `metrics` never meet but at the record in core.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
export const MAY_IMPORT = {
  "packages/core": [],
  "packages/sim": ["core"],
  "packages/providers": ["core"],
  "packages/metrics": ["core"],
  "packages/exporters": ["core", "metrics"],
  "packages/workloads": ["core", "providers"],
  "packages/load": ["core", "providers", "metrics", "workloads"],
  "packages/matchers": ["core", "metrics", "sim"],
  "apps/cli": ["core", "sim", "providers", "metrics", "exporters", "load", "workloads"],
};

/** @param {unknown} literal */
const specifierOf = (literal) => {
  const value = literal !== null && typeof literal === "object" && "value" in literal ? literal.value : null;
  return typeof value === "string" ? value : null;
};

/** @param {string} filename */
function locate(filename) {
  const relative = path.relative(rootDir, filename).split(path.sep).join("/");
  const [, folder = "", area = ""] = /^((?:packages|apps)\/[^/]+)\/(src|test)\//.exec(relative) ?? [];
  return { folder, area };
}

/** @param {string} specifier @param {{ folder: string, area: string, filename: string }} from @returns {string | null} what is wrong with the import */
function faultOf(specifier, { folder, area, filename }) {
  const [, name = "", subpath = ""] = /^@lens\/([^/]+)(?:\/(.*))?$/.exec(specifier) ?? [];
  if (/^(src|dist)(\/|$)/.test(subpath)) return `\`${specifier}\` reaches into a package: import what its \`exports\` offer.`;
  if (folder === "") return null;
  if (specifier.startsWith(".")) {
    const target = path.resolve(path.dirname(filename), specifier);
    return target.startsWith(path.join(rootDir, folder) + path.sep)
      ? null
      : `\`${specifier}\` leaves ${folder}: import other packages by name.`;
  }
  if (name === "") return null;
  const allowed = MAY_IMPORT[folder] ?? [];
  if (allowed.includes(name)) return null;
  // Tests may use what their package offers to other tests, and real requests to the simulator.
  if (area === "test" && (name === "sim" || name === path.basename(folder))) return null;
  const list = allowed.length > 0 ? allowed.map((other) => `@lens/${other}`).join(", ") : "no other package";
  return `${folder} may import ${list}, not \`${specifier}\` (the one direction of imports).`;
}

const importDirection = {
  /** @param {any} context */
  create(context) {
    const { folder, area } = locate(context.filename);
    /** @param {any} node */
    const check = (node) => {
      const specifier = specifierOf(node.source);
      const message = specifier === null ? null : faultOf(specifier, { folder, area, filename: context.filename });
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

/** A rule that reports every node of some kinds. @param {readonly string[]} kinds @param {string} message @param {(node: any) => boolean} [isAllowed] */
const ban = (kinds, message, isAllowed = () => false) => ({
  /** @param {any} context */
  create: (context) =>
    Object.fromEntries(
      kinds.map((kind) => [
        kind,
        /** @param {any} node */
        (node) => {
          if (!isAllowed(node)) context.report({ node, message });
        },
      ]),
    ),
});

export default {
  meta: { name: "lens" },
  rules: {
    "import-direction": importDirection,
    "no-class": ban(
      ["ClassDeclaration", "ClassExpression"],
      "Keep state in a closure behind an interface; the only class is LensError.",
      (node) => node.id?.name === "LensError",
    ),
    "no-enum": ban(["TSEnumDeclaration"], "Use a union of string literals."),
    "no-export-all": ban(["ExportAllDeclaration"], "List what is exported by name."),
  },
};
