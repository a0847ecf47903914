// @ts-check
/**
 * A server whose own clock is the ground truth. It answers every POST with a stream of chat-completion chunks: the first token `ttftMs`
 * after the request was received, the others `gapMs` apart on an absolute schedule, one write each. Every token's text holds the instant of
 * its write on the monotonic clock that all processes of a machine share: ` w3@<ns>`. A gap of 0 does not pace at all.
 *
 *   node server.mjs '{"port":0,"ttftMs":200,"gapMs":20,"tokens":100,"tls":false}'       prints `ready <port>`
 */
import { readFileSync } from "node:fs";
import net from "node:net";
import tls from "node:tls";
import { createAgenda } from "./agenda.mjs";

/** @type {{ port: number, ttftMs: number, gapMs: number, tokens: number, tls: boolean }} */
const options = JSON.parse(process.argv[2] ?? "{}");
const ttftNs = BigInt(Math.round(options.ttftMs * 1e6));
const gapNs = BigInt(Math.round(options.gapMs * 1e6));

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

/** @param {string} text */
const httpChunk = (text) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

/** @param {number} id @param {string} choices @param {string} usage */
const event = (id, choices, usage = "null") =>
  `data: {"id":"chatcmpl-${id}","object":"chat.completion.chunk","created":1763900000,"model":"truth","service_tier":"default","system_fingerprint":"fp_0","choices":${choices},"usage":${usage}}\n\n`;

/** @param {string} delta @param {string} reason */
const choice = (delta, reason = "null") => `[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${reason}}]`;

const agenda = createAgenda();
let lastId = 0;

/** Writes one answer to `socket`, by the schedule. @param {net.Socket} socket */
function answer(socket) {
  const id = (lastId += 1);
  let sent = 0;
  let firstNs = 0n;
  const next = () => {
    if (socket.destroyed) return;
    if (sent === 0) socket.write(HEAD + httpChunk(event(id, choice('{"role":"assistant","content":"","refusal":null}'))));
    const nowNs = process.hrtime.bigint();
    if (sent === 0) firstNs = nowNs;
    socket.write(httpChunk(event(id, choice(`{"content":" w${sent}@${nowNs}"}`))), "latin1");
    sent += 1;
    if (sent < options.tokens) return agenda.add(firstNs + BigInt(sent) * gapNs, next);
    const usage = `{"prompt_tokens":10,"completion_tokens":${sent},"total_tokens":${sent + 10}}`;
    socket.write(`${httpChunk(`${event(id, choice("{}", '"stop"'))}${event(id, "[]", usage)}data: [DONE]\n\n`)}0\r\n\r\n`);
  };
  agenda.add(process.hrtime.bigint() + ttftNs, next);
}

/** Reads requests as they come; nothing is looked at but where each one ends. @param {net.Socket} socket */
function serve(socket) {
  let text = "";
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    text += bytes.toString("latin1");
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      const length = Number(/content-length: *(\d+)/i.exec(text.slice(0, end))?.[1] ?? 0);
      if (text.length < end + 4 + length) return;
      text = text.slice(end + 4 + length);
      answer(socket);
    }
  });
}

/** @param {string} name */
const read = (name) => readFileSync(new URL(name, import.meta.url));

const server = options.tls ? tls.createServer({ key: read("key.pem"), cert: read("cert.pem") }, serve) : net.createServer(serve);
server.on("tlsClientError", () => undefined);
server.listen({ port: options.port, host: "127.0.0.1", backlog: 4096 }, () => {
  const address = server.address();
  console.log(`ready ${typeof address === "object" ? address?.port : ""}`);
});
process.once("SIGTERM", () => process.exit(0));
