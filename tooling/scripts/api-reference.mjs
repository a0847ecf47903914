// @ts-check
/** The reference of the libraries, in Markdown, from what their sources say of each name. */
import path from "node:path";
import { Application, Comment, LogLevel, ReflectionKind } from "typedoc";
import { load as markdown } from "typedoc-plugin-markdown";
import { anchorsOf } from "./anchors.mjs";

/** @typedef {import("./api-program.mjs").Entry} Entry */

/** Every page of these has a table of names, and of each name its signature and what is said of it. Lines of sources are left out: they change with every edit. */
const OPTIONS = {
  name: "API",
  readme: "none",
  router: "module",
  excludeScopesInPaths: true,
  excludeExternals: true,
  disableGit: true,
  disableSources: true,
  hidePageHeader: true,
  hideBreadcrumbs: true,
  useCodeBlocks: true,
  expandObjects: true,
  expandParameters: true,
  indexFormat: "table",
  parametersFormat: "table",
  interfacePropertiesFormat: "table",
  classPropertiesFormat: "table",
  typeAliasPropertiesFormat: "table",
  typeDeclarationFormat: "table",
  tableColumnSettings: { hideSources: true, hideInherited: true, hideOverrides: true, leftAlignHeaders: true },
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Variable"],
};

/**
 * Writes the pages into a folder of their own.
 * @param {import("typescript").Program} program @param {readonly Entry[]} entries @param {string} intoDir
 * @returns {Promise<boolean>} whether there was nothing to complain of; complaints go to standard error
 */
export async function writeReference(program, entries, intoDir) {
  const app = await Application.bootstrapWithPlugins(
    /** @type {Partial<import("typedoc").TypeDocOptions>} */ ({
      ...OPTIONS,
      plugin: [markdown],
      outputs: [{ name: "markdown", path: intoDir }],
      packagesRequiringDocumentation: [...new Set(entries.map(({ packageName }) => packageName))],
      logLevel: LogLevel.Warn,
    }),
    [],
  );
  const project = app.converter.convert(
    entries.map(({ name, file }) => {
      const sourceFile = program.getSourceFile(file);
      if (sourceFile === undefined) throw new Error(`Expected ${file} to be in the program.`);
      return { displayName: name, program, sourceFile };
    }),
  );
  for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
    const entry = entries.find(({ name }) => name === module.name);
    if (entry?.name === entry?.packageName) module.comment ??= new Comment([{ kind: "text", text: entry?.description ?? "" }]);
  }
  app.validate(project);
  // Among what has to be documented, functions cannot be told from methods, whose names often say enough.
  for (const each of project.getReflectionsByKind(ReflectionKind.Function))
    if (each.isDeclaration() && !each.signatures?.some((signature) => signature.hasComment()))
      app.logger.warn(`Nothing is said of ${each.name}.`);
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}

/**
 * Takes away the anchors that nothing leads to: they are counted through, so that one property more would change all the lines below it.
 * @param {ReadonlyMap<string, string>} pages @returns {ReadonlyMap<string, string>}
 */
export function withoutIdleAnchors(pages) {
  const used = new Set([...pages.values()].flatMap((text) => [...text.matchAll(/\]\([^)\s]*#([^)\s]+)\)/g)].map(([, anchor]) => anchor)));
  return new Map(
    [...pages].map(([page, text]) => [page, text.replaceAll(/<a id="([^"]+)"><\/a> /g, (tag, anchor) => (used.has(anchor) ? tag : ""))]),
  );
}

/**
 * Leads links to the headings that there are: the plugin counts names that it then writes no heading for, so that it takes the only `X` for the second.
 * @param {ReadonlyMap<string, string>} pages @returns {ReadonlyMap<string, string>}
 */
export function withTrueAnchors(pages) {
  const anchors = new Map([...pages].map(([page, text]) => [page, anchorsOf(text)]));
  /** @param {string} page @param {string} file @param {string} anchor */
  const trueAnchor = (page, file, anchor) => {
    const known = anchors.get(file === "" ? page : path.posix.join(path.posix.dirname(page), file));
    const single = anchor.replace(/-\d+$/, "");
    return known?.has(anchor) === false && known.has(single) ? single : anchor;
  };
  return new Map(
    [...pages].map(([page, text]) => [
      page,
      text.replaceAll(/\]\(([^)\s#]*)#([^)\s]+)\)/g, (_, file, anchor) => `](${file}#${trueAnchor(page, file, anchor)})`),
    ]),
  );
}
