export { answerOf, type ComparisonAnswer } from "./comparison-answer.ts";
export { consoleComparisonExporter } from "./console-compare.ts";
export { consoleExporter } from "./console.ts";
export { renderThresholds } from "./console-thresholds.ts";
export { csvComparisonExporter } from "./csv-comparison.ts";
export { csvRequestsExporter } from "./csv-requests.ts";
export { csvExporter } from "./csv.ts";
export {
  type Exporter,
  type RecordExporter,
  type RecordOptions,
  type RecordText,
  type RenderOptions,
  type SyncExporter,
  type TextPart,
} from "./exporter.ts";
export { formatCount, formatInstant, formatNumber, formatShare, formatUsd } from "./format.ts";
export { hgrmExporter } from "./hgrm.ts";
export { hlogExporter } from "./hlog.ts";
export { htmlComparisonExporter, htmlExporter } from "./html.ts";
export { type MonitorStatus, renderStatusPage, STATUS_POLICY, type TargetState, type TargetStatus } from "./html/status.ts";
export { compactJsonExporter, jsonExporter } from "./json.ts";
export { jsonlExporter } from "./jsonl.ts";
export { junitExporter } from "./junit.ts";
export { markdownComparisonExporter } from "./markdown-comparison.ts";
export { markdownExporter } from "./markdown.ts";
export { genAiAttributes, type OtelAttributes } from "./otel-attributes.ts";
export { createOtelMetrics, type OtelMeterProvider, type OtelMetrics, type OtelMetricsOptions } from "./otel-live.ts";
export {
  GENAI_METRICS,
  GENAI_METRICS_V1_41,
  LENS_METRICS,
  type OtelHistogram,
  type OtelMetric,
  SEMANTIC_CONVENTIONS,
  type SemanticConvention,
} from "./otel-metrics.ts";
export { createOtelSpans, type OtelSpans, type OtelSpansOptions, type OtelTracerProvider } from "./otel-spans.ts";
export { createOtlpPush, type OtlpPush, type OtlpPushOptions } from "./otlp-push.ts";
export { otlpExporter } from "./otlp.ts";
export {
  BUCKETS_SECONDS,
  MONITOR_METRICS,
  PROMETHEUS_METRICS,
  type PrometheusHistogram,
  type PrometheusMetric,
  type PrometheusScalar,
  TARGET_LABELS,
} from "./prometheus-metrics.ts";
export { type LiveOptions } from "./live-targets.ts";
export {
  createPrometheusExporter,
  type PrometheusExporter,
  type PrometheusExporterOptions,
  type PrometheusRegistry,
} from "./prometheus-live.ts";
export { prometheusExporter } from "./prometheus.ts";
export { COMPARISON_EXPORTERS, EXPORTERS, findExporter, RECORD_EXPORTERS } from "./registry.ts";
export { sparkline } from "./sparkline.ts";
export { printable } from "./terminal-text.ts";
export { vllmExporter } from "./vllm.ts";
