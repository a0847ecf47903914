import http from "node:http";
import { Duplex } from "node:stream";
import { LensError } from "@lens/core";
import { describe, expect, it } from "vitest";
import { createResponseReader } from "../src/http1-response.ts";
import { generateResponse, type GeneratedResponse } from "./http1-generator.ts";

const RESPONSES = 100_000;
const BATCH = 500;

interface Reading {
  /** How it ended: in order, with the connection reusable or not; cut; or refused. */
  readonly end: "reusable" | "closing" | "cut" | "refused";
  readonly status?: number | undefined;
  readonly headers?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: string;
}

const pieces = ({ bytes, cuts }: GeneratedResponse): readonly Buffer[] => {
  const edges = [0, ...cuts, bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};

/**
 * Where a reading failed, only that it did can be compared: how much was passed on before depends on buffering, and what is both broken
 * and cut may be refused for either.
 */
function ended(
  end: Reading["end"],
  { short }: GeneratedResponse,
  status: number | undefined,
  headers: Reading["headers"],
  body: readonly string[],
): Reading {
  if (end === "refused" || end === "cut") return { end: short ? "cut" : end };
  return { end, status, headers, body: body.join("") };
}

function readByLens(response: GeneratedResponse): Reading {
  let status: number | undefined;
  let headers: Readonly<Record<string, unknown>> | undefined;
  let reusable: boolean | null = null;
  const body: string[] = [];
  const reader = createResponseReader(
    {
      head: (code, fields) => void ([status, headers] = [code, fields]),
      body: (piece) => void body.push(Buffer.from(piece).toString("latin1")),
      end: (again) => void (reusable = again),
    },
    64 * 1024,
  );
  try {
    for (const piece of pieces(response)) reader.feed(piece);
    if (reusable === null) reader.close();
    return ended(reusable === true ? "reusable" : "closing", response, status, headers, body);
  } catch (error) {
    if (!(error instanceof LensError)) throw error;
    return ended(error.code === "PROTOCOL_ERROR" ? "refused" : "cut", response, status, headers, body);
  }
}

function readByNode(response: GeneratedResponse): Promise<Reading> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => void done() });
    const quiet = (): unknown => socket;
    Object.assign(socket, { setKeepAlive: quiet, setNoDelay: quiet, setTimeout: quiet, ref: quiet, unref: quiet });
    const agent = new http.Agent({ keepAlive: true });
    Object.assign(agent, { createConnection: () => socket });
    const body: string[] = [];
    let answer: http.IncomingMessage | undefined;
    const finish = (end: Reading["end"]): void => {
      const fields =
        answer === undefined ? undefined : Object.fromEntries(Object.entries(answer.headers).filter(([name]) => name !== "set-cookie"));
      resolve(ended(end, response, answer?.statusCode, fields, body));
      socket.destroy();
    };
    const failed = (error: Error & { readonly code?: string }): void => finish(error.code?.startsWith("HPE_") === true ? "refused" : "cut");
    const request = http.request({ method: "POST", agent });
    request.on("response", (incoming) => {
      answer = incoming;
      incoming.on("data", (chunk: Buffer) => void body.push(chunk.toString("latin1")));
      incoming.on("end", () => finish(incoming.complete ? (request.shouldKeepAlive ? "reusable" : "closing") : "cut"));
      incoming.on("error", failed);
    });
    request.on("upgrade", () => finish("refused"));
    request.on("error", failed);
    request.end();
    setImmediate(() => {
      for (const piece of pieces(response)) socket.push(piece);
      socket.push(null);
    });
  });
}

describe("createResponseReader", () => {
  it(`reads ${RESPONSES} responses, good and broken, as node:http does, or refuses what it refuses`, { timeout: 180_000 }, async () => {
    const ends: Record<string, number> = {};
    for (let seed = 0; seed < RESPONSES; seed += BATCH) {
      const responses = Array.from({ length: BATCH }, (_, offset) => generateResponse(seed + offset));
      const byNode = await Promise.all(responses.map(readByNode));
      responses.forEach((response, index) => {
        const byLens = readByLens(response);
        ends[byLens.end] = (ends[byLens.end] ?? 0) + 1;
        expect({ seed: seed + index, text: response.bytes.toString("latin1"), ...byLens }).toEqual({
          seed: seed + index,
          text: response.bytes.toString("latin1"),
          ...byNode[index],
        });
      });
    }
    // The generator is worth its time only if every way to end is common.
    for (const end of ["reusable", "closing", "cut", "refused"]) expect(ends[end]).toBeGreaterThan(RESPONSES / 50);
  });
});
