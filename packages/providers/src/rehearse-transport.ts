import net, { type AddressInfo, type Server, type Socket } from "node:net";
import { type Clock, systemClock } from "@lens/core";
import { createLeanTransport } from "./lean-transport.ts";
import { openaiChat } from "./openai.ts";
import { runRequest } from "./run.ts";

/** How to rehearse. */
export interface RehearsalOptions {
  readonly clock?: Clock;
  /** No request is begun after this; 0.1 s unless given. */
  readonly durationNs?: number;
}

const DEFAULT_DURATION_NS = 100e6;
const STREAMS = 8;
const TOKENS = 24;

const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

function eventOf(choice: object, rest: object = {}): string {
  const document = { id: "rehearsal", object: "chat.completion.chunk", model: "rehearsal", choices: [{ index: 0, ...choice }], ...rest };
  return `data: ${JSON.stringify(document)}\n\n`;
}

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
const FIRST = HEAD + chunked(eventOf({ delta: { role: "assistant", content: "" }, finish_reason: null }));
const USAGE = { usage: { prompt_tokens: 1, completion_tokens: TOKENS, total_tokens: TOKENS + 1 } };
const LAST = `${chunked(`${eventOf({ delta: {}, finish_reason: "stop" }, USAGE)}data: [DONE]\n\n`)}0\r\n\r\n`;
const PIECES = [
  FIRST,
  ...Array.from({ length: TOKENS }, (_, index) => chunked(eventOf({ delta: { content: ` word${index}` }, finish_reason: null }))),
  LAST,
];

/** Answers each request that comes on the connection, a piece in every turn of the event loop. */
function answer(socket: Socket): void {
  const write = (index: number): void => {
    const piece = PIECES[index];
    if (piece === undefined || socket.destroyed) return;
    socket.write(piece);
    setImmediate(write, index + 1);
  };
  // What a rehearsal asks fits in one read.
  socket.on("data", () => write(0));
  socket.on("error", () => socket.destroy());
}

/** Null where this machine lets nobody listen. */
function listen(server: Server): Promise<number | null> {
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Reads invented answers from a peer within this thread, over its loopback address, until the code between socket and record has been run often enough
 * to be compiled: the first requests of a measurement would be late without. Resolves with how many it read; with 0 where nothing can be listened to.
 */
export async function rehearseTransport({ clock = systemClock, durationNs = DEFAULT_DURATION_NS }: RehearsalOptions = {}): Promise<number> {
  const server = net.createServer({ noDelay: true }, answer);
  const port = await listen(server);
  if (port === null) return 0;
  const transport = createLeanTransport({ clock });
  const credentials = { apiKey: null, baseUrl: `http://127.0.0.1:${port}/v1` };
  const prompt = { model: "rehearsal", messages: [{ role: "user" as const, content: "Hi" }] };
  const endNs = clock.nowNs() + BigInt(durationNs);
  let read = 0;
  async function readOn(): Promise<void> {
    while (clock.nowNs() < endNs) {
      await runRequest(openaiChat, prompt, { transport, credentials, clock });
      read += 1;
    }
  }
  await Promise.all(Array.from({ length: STREAMS }, readOn));
  transport.close();
  server.close();
  return read;
}
