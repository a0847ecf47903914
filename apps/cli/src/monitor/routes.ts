import { STATUS_POLICY } from "@lens/exporters";
import { CHALLENGE, isAuthorized } from "./authorization.ts";
import type { Answer, Question } from "./server.ts";

/** What a monitor serves. The texts are made when they are asked for. */
export interface Pages {
  metrics(): Promise<Buffer>;
  report(): Promise<Buffer>;
  status(): Promise<Buffer>;
  /** Null when every target has had its first round; else why not. */
  unready(): string | null;
  /** Null where readers need none. */
  token(): string | null;
}

const TEXT = "text/plain; charset=utf-8";
/** What Prometheus 3 refuses to do without. */
const METRICS = "text/plain; version=0.0.4; charset=utf-8";
const JSON_TEXT = "application/json; charset=utf-8";
const HTML = "text/html; charset=utf-8";

const text = (status: number, body: string, headers: Answer["headers"] = {}): Answer => ({
  status,
  contentType: TEXT,
  body: `${body}\n`,
  headers,
});

/** Answers by path: metrics, health, the report and the status page. */
export function createRoutes({ metrics, report, status, unready, token }: Pages): (question: Question) => Promise<Answer> {
  return async ({ method, path, authorization }) => {
    if (method !== "GET" && method !== "HEAD") return text(405, "Expected GET or HEAD.", { allow: "GET, HEAD", connection: "close" });
    if (path === "/healthz") return text(200, "ok");
    if (path === "/readyz") {
      const reason = unready();
      return reason === null ? text(200, "ready") : text(503, reason);
    }
    if (!isAuthorized(authorization, token())) return text(401, "Expected the token of this monitor.", { "www-authenticate": CHALLENGE });
    switch (path) {
      case "/metrics":
        return { status: 200, contentType: METRICS, body: await metrics() };
      case "/report.json":
        return { status: 200, contentType: JSON_TEXT, body: await report() };
      case "/":
        return { status: 200, contentType: HTML, body: await status(), headers: { "content-security-policy": STATUS_POLICY } };
      default:
        return text(404, "Expected /, /metrics, /report.json, /healthz or /readyz.");
    }
  };
}
