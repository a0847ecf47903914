import { parser } from "@prometheus-io/lezer-promql";

/** What an expression asks for. */
interface Selector {
  /** The metric, with `_bucket`, `_sum` and `_count` where they are asked for. */
  readonly name: string;
  /** As written: `target=~"$target"`. */
  readonly matchers: readonly string[];
}

/** A PromQL expression as Prometheus' own grammar reads it. */
interface Promql {
  /** The places that are no PromQL. */
  readonly faults: readonly string[];
  readonly selectors: readonly Selector[];
  /** The labels that results are grouped by. */
  readonly groupedBy: readonly string[];
}

/** Reads an expression, in which Grafana's ranges may stand. */
export function readPromql(expression: string): Promql {
  const text = expression.replaceAll("$__range", "1h");
  const faults: string[] = [];
  const selectors: { name: string; matchers: string[] }[] = [];
  const groupedBy: string[] = [];
  parser.parse(text).iterate({
    enter: ({ name, type, from, to, node }) => {
      const words = text.slice(from, to);
      if (type.isError) faults.push(`${text.slice(0, from)} <here>`);
      if (name === "VectorSelector") selectors.push({ name: words.replace(/\{[^]*/, ""), matchers: [] });
      if (name === "UnquotedLabelMatcher") selectors.at(-1)?.matchers.push(words);
      if (name === "LabelName" && node.parent?.name === "GroupingLabels") groupedBy.push(words);
    },
  });
  return { faults, selectors, groupedBy };
}
