// @ts-check
/** The names that a library offers, each with its declaration, so that a change of the API is seen where it is reviewed. */
import ts from "typescript";

/** @typedef {import("./api-program.mjs").Entry} Entry */

/** The declarations of every source file, as its users' compilers read them. @param {ts.Program} program @returns {ReadonlyMap<string, ts.SourceFile>} */
function emitDeclarations(program) {
  const emitted = new Map();
  program.emit(undefined, (name, text, _mark, _onError, [source] = []) => {
    if (source !== undefined) emitted.set(source.fileName, ts.createSourceFile(name, text, ts.ScriptTarget.Latest));
  });
  return emitted;
}

/** @param {ts.Statement} statement @returns {readonly string[]} what it declares */
function namesOf(statement) {
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  )
    return statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
      ? ["default"]
      : [statement.name?.text ?? "default"];
  return ts.isExportAssignment(statement) ? ["default"] : [];
}

/** @param {ts.Statement} statement @param {ts.SourceFile} file */
const textOf = (statement, file) =>
  statement
    .getText(file)
    .replace(/^export (?=declare |interface |type )/, "")
    .replace(/^declare /, "");

/** @param {ts.Program} program @returns {(entry: Entry) => string} what an entry offers, in the order of its names */
export function createApiLister(program) {
  const checker = program.getTypeChecker();
  const emitted = emitDeclarations(program);

  /** @param {ts.Symbol} exported */
  function declarationsOf(exported) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const files = new Set(symbol.declarations?.map((declaration) => emitted.get(declaration.getSourceFile().fileName)));
    const texts = [...files].flatMap((file) =>
      file === undefined ? [] : file.statements.filter((each) => namesOf(each).includes(symbol.name)).map((each) => textOf(each, file)),
    );
    if (texts.length === 0) return [`export { ${exported.name} }; // of another package`];
    return exported.name === symbol.name ? texts : [`export { ${symbol.name} as ${exported.name} };`, ...texts];
  }

  return ({ name, file }) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    const own = emitted.get(file);
    if (module === undefined || own === undefined) throw new Error(`Expected ${file} to be a module that offers something.`);
    const offered = checker.getExportsOfModule(module).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    // What a module adds to the types of another, as the matchers do, is offered too.
    const additions = own.statements.filter((each) => ts.isModuleDeclaration(each)).map((each) => each.getText(own));
    return [`# ${name}`, ...offered.flatMap(declarationsOf), ...additions].join("\n\n");
  };
}
