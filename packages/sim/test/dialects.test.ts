import { expect, test } from "vitest";
import { contextOf, DIALECTS } from "./dialects.ts";

test("each protocol has something to keep a connection alive that is no event with content", () => {
  const { ask } = contextOf();
  const said = Object.values(DIALECTS).map((dialect) => dialect.keepAlive(ask));
  expect(said).toEqual([": keep-alive\n\n", ": keep-alive\n\n", 'event: ping\ndata: {"type":"ping"}\n\n', ": keep-alive\r\n\r\n", "\n"]);
  expect(DIALECTS.google.keepAlive({ ...ask, jsonArray: true })).toBe("\r\n");
});
