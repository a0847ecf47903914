import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { MappingType, type Panel, ThresholdsConfigBuilder, ThresholdsMode } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

/** The Prometheus that whoever looks has chosen. */
export const DATA_SOURCE: DataSourceRef = { type: "prometheus", uid: "${datasource}" };

/** Units by Grafana's names for them. */
const UNITS = {
  count: "short",
  dollars: "currencyUSD",
  seconds: "s",
  share: "percentunit",
  bytes: "decbytes",
  tokensPerSecond: "suffix: tokens/s",
  perMinute: "suffix: /min",
  cores: "suffix: cores",
} as const;

interface Query {
  readonly expression: string;
  /** What a series is called, from its labels: `{{target}}`. */
  readonly legend: string;
}

interface PanelOptions {
  readonly title: string;
  /** What the figures are: shown by the panel itself, and in docs/MONITORING.md. */
  readonly definition: string;
  readonly unit: keyof typeof UNITS;
  readonly queries: readonly Query[];
  /** Of the 24 columns of a dashboard. */
  readonly width: number;
  /** From which values on it is yellow and red: those of the alerts. */
  readonly limits?: Limits;
  /** What stands there where there is no series; Grafana's "No data" unless given. */
  readonly whenEmpty?: string;
}

interface Limits {
  readonly warning?: number;
  readonly critical?: number;
}

/** A panel that has yet to be given its number and place. */
export type PanelBuilder = Builder<Panel> & { id(id: number): unknown };

const HEIGHT = { figure: 4, chart: 8 } as const;

/** What the builders of all kinds of panels can. */
interface CommonBuilder<T> {
  title(title: string): T;
  description(description: string): T;
  unit(unit: string): T;
  datasource(source: DataSourceRef): T;
  span(width: number): T;
  height(height: number): T;
  noValue(text: string): T;
  thresholds(thresholds: ThresholdsConfigBuilder): T;
  withTarget(target: DataqueryBuilder): T;
}

const queryOf = ({ expression, legend }: Query, index: number): DataqueryBuilder =>
  new DataqueryBuilder().refId("ABCDEFGH".charAt(index)).expr(expression).legendFormat(legend);

function limitsOf({ warning, critical }: Limits): ThresholdsConfigBuilder {
  const steps = [
    { value: null, color: "green" },
    ...(warning === undefined ? [] : [{ value: warning, color: "yellow" }]),
    ...(critical === undefined ? [] : [{ value: critical, color: "red" }]),
  ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

/** What all panels have, whatever they draw; `isInstant` asks for the figures of now alone. */
function describe<T extends CommonBuilder<T>>(
  builder: T,
  options: PanelOptions,
  { height, isInstant }: { height: number; isInstant: boolean },
): T {
  const { title, definition, unit, queries, width, limits = {}, whenEmpty } = options;
  builder
    .title(title)
    .description(definition)
    .unit(UNITS[unit])
    .datasource(DATA_SOURCE)
    .span(width)
    .height(height)
    .thresholds(limitsOf(limits));
  if (whenEmpty !== undefined) builder.noValue(whenEmpty);
  for (const [index, each] of queries.entries()) {
    const target = queryOf(each, index);
    builder.withTarget(isInstant ? target.instant() : target.range());
  }
  return builder;
}

const latest = (): ReduceDataOptionsBuilder => new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false);
const legend = (): VizLegendOptionsBuilder =>
  new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.Table)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
    .calcs(["lastNotNull", "max"]);
const tooltip = (): VizTooltipOptionsBuilder => new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi);

/** One figure, of now. */
export function figure(options: PanelOptions): PanelBuilder {
  return describe(new StatBuilder(), options, { height: HEIGHT.figure, isInstant: true })
    .reduceOptions(latest())
    .graphMode(BigValueGraphMode.None)
    .colorMode(options.limits === undefined ? BigValueColorMode.None : BigValueColorMode.Value);
}

/** A bar for each series, of now: for comparing. */
export function bars(options: PanelOptions): PanelBuilder {
  return describe(new BarGaugeBuilder(), options, { height: HEIGHT.chart, isInstant: true })
    .reduceOptions(latest())
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .min(0);
}

/** A line for each series over time, from 0 up, with the limits of the alerts. */
export function lines(options: PanelOptions): PanelBuilder {
  const style = options.limits === undefined ? GraphThresholdsStyleMode.Off : GraphThresholdsStyleMode.Dashed;
  return describe(new TimeSeriesBuilder(), options, { height: HEIGHT.chart, isInstant: false })
    .min(0)
    .lineWidth(2)
    .showPoints(VisibilityMode.Never)
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(style))
    .legend(legend())
    .tooltip(tooltip());
}

/** Parts of a whole over time, one upon the other. */
export function stack(options: PanelOptions): PanelBuilder {
  return describe(new TimeSeriesBuilder(), options, { height: HEIGHT.chart, isInstant: false })
    .min(0)
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(40)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"))
    .legend(legend())
    .tooltip(tooltip());
}

/** What is 1 or 0 over time, in words and colours. */
export function states(options: PanelOptions, words: { readonly one: string; readonly zero: string }): PanelBuilder {
  const mapped = { "1": { text: words.one, color: "green", index: 0 }, "0": { text: words.zero, color: "red", index: 1 } };
  return describe(new StateTimelineBuilder(), options, { height: HEIGHT.chart, isInstant: false })
    .mappings([{ type: MappingType.ValueToText, options: mapped }])
    .showValue(VisibilityMode.Never)
    .mergeValues(true);
}
