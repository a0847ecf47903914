/** What `{{name}}` stands for. */
export type Values = Readonly<Record<string, string>>;

const VARIABLE = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}/g;

/** A text without its variables, or the first of them that has no value. */
export type Filled = { readonly text: string } | { readonly missing: string };

/** Puts values in the place of `{{name}}`. What a value holds is left as it is. */
export function fillTemplate(template: string, values: Values): Filled {
  const missing = [...template.matchAll(VARIABLE)].find(([, name = ""]) => !Object.hasOwn(values, name))?.[1];
  return missing === undefined ? { text: template.replaceAll(VARIABLE, (_, name: string) => values[name] ?? "") } : { missing };
}

/** What is wrong where a variable has no value. */
export function missingProblem(missing: string, values: Values): string {
  const names = Object.keys(values);
  return `Expected a value for \`{{${missing.slice(0, 60)}}}\`, got ${names.length === 0 ? "none" : `only ${names.map((name) => `\`${name.slice(0, 60)}\``).join(", ")}`}`;
}
