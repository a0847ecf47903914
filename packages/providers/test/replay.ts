import type { Decoder, Delta, StreamEvent } from "../src/adapter.ts";
import { createFramer } from "../src/framing.ts";

/** The events of a body that arrived in these reads. */
export function eventsOf(framing: "sse" | "ndjson", reads: readonly Uint8Array[]): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  const framer = createFramer(framing, (event) => events.push(event));
  for (const read of reads) framer.feed(read);
  framer.end();
  return events;
}

/** What a fresh decoder makes of the events. */
export function deltasOf(decoder: Decoder, events: readonly StreamEvent[]): readonly Delta[] {
  return events.flatMap((event) => decoder(event));
}

/** The body as one read a byte. */
export function byteByByte(body: Uint8Array): readonly Uint8Array[] {
  return Array.from(body, (_, offset) => body.subarray(offset, offset + 1));
}

/** Whether the delta brings content. */
export function isContent(delta: Delta): delta is Extract<Delta, { text: string }> {
  return delta.type === "text" || delta.type === "reasoning" || delta.type === "tool" || delta.type === "refusal";
}
