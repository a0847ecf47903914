import { describe, expect, it } from "vitest";
import { readModelIds } from "../src/model-list.ts";

describe("readModelIds", () => {
  it.each([
    ["OpenAI and Anthropic", { object: "list", data: [{ id: "a" }, { id: "b" }] }, ["a", "b"]],
    ["Together", [{ id: "maker/a" }], ["maker/a"]],
    ["Google", { models: [{ name: "models/a", displayName: "A" }] }, ["a"]],
    ["Cohere", { models: [{ name: "command-x", endpoints: ["chat"] }], next_page_token: null }, ["command-x"]],
    ["Ollama", { models: [{ name: "a:1b", model: "a:1b" }] }, ["a:1b"]],
    ["what is no list", { error: "no" }, []],
    ["what is no object", "<html>", []],
    ["items without a name", { data: [null, 7, {}, { id: "" }] }, []],
  ])("reads the list of %s", (_, document, ids) => {
    expect(readModelIds(document)).toEqual(ids);
  });
});
