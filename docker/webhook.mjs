// @ts-check
/**
 * What the demo stack has in place of a pager: takes what Alertmanager sends to a webhook, and prints each alert as a line of JSON.
 *
 *   node docker/webhook.mjs [port]    port 8080 unless given; 0 takes a free one
 */
import { createServer } from "node:http";
import { json } from "node:stream/consumers";

const DEFAULT_PORT = 8080;

/** @typedef {{ status?: string, labels?: Record<string, string>, annotations?: Record<string, string>, startsAt?: string, endsAt?: string }} Alert */

/** @param {string | undefined} receiver by which the notification came @param {Alert} alert */
function lineOf(receiver, { status, labels, annotations, startsAt, endsAt }) {
  const ended = status === "resolved" ? { endsAt } : {};
  return JSON.stringify({ receiver, status, alert: labels?.["alertname"], summary: annotations?.["summary"], startsAt, ...ended, labels });
}

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function answer(request, response) {
  if (request.method !== "POST") {
    response.end("Send alerts here, as Alertmanager does.\n");
    return;
  }
  try {
    const { receiver, alerts } = /** @type {{ receiver?: string, alerts: readonly Alert[] }} */ (await json(request));
    for (const alert of alerts) console.log(lineOf(receiver, alert));
    response.end();
  } catch (error) {
    response.writeHead(400).end(`Expected a notification of Alertmanager, got something else: ${String(error)}\n`);
  }
}

const server = createServer((request, response) => void answer(request, response));

server.listen(Number(process.argv[2] ?? DEFAULT_PORT), () => {
  const address = server.address();
  console.log(JSON.stringify({ port: typeof address === "object" ? address?.port : null }));
});

// As the first process of a container it would not end by itself.
process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
});
