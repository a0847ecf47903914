import { describe, expect, it } from "vitest";
import type { PromptsSpec } from "../src/index.ts";
import { promptsOf } from "./asking.ts";

const picture = { type: "image_url", image_url: { url: "https://example.com/a.png" } };
const spec: PromptsSpec = {
  kind: "prompts",
  cache: { kind: "bust" },
  prompts: [
    { messages: [{ role: "user", content: "Hello." }] },
    {
      messages: [
        { role: "system", content: "Be kind." },
        { role: "user", content: "Hello." },
      ],
    },
    { messages: [{ role: "user", content: [picture, { type: "text", text: "What is this?" }] }] },
    { messages: [{ role: "user", content: [picture] }] },
  ],
};

describe("what is put before a prompt", () => {
  it("comes first of all that a model reads, and leaves images as they are", async () => {
    const contents = (await promptsOf(spec, 4)).map(({ prompt }) => prompt.messages.map(({ content }) => content));
    const mark = /^\d{16} /;
    expect(contents).toEqual([
      [expect.stringMatching(/^\d{16} Hello\.$/)],
      [expect.stringMatching(/^\d{16} Be kind\.$/), "Hello."],
      [[picture, { type: "text", text: expect.stringMatching(mark) }]],
      [[{ type: "text", text: expect.stringMatching(/^\d{16}$/) }, picture]],
    ]);
  });

  it("differs between the loads of one run, and is the same in each thread", async () => {
    const { openPromptSource } = await import("../src/index.ts");
    const marks = [];
    for (const scope of ["", "l1-", "l1-"]) {
      const source = await openPromptSource(spec, { seed: 1, scope });
      marks.push(JSON.stringify(await source.next({ index: 0, phase: "measured", target: 0, turn: 0 })));
      await source.close();
    }
    expect(marks[1]).toBe(marks[2]);
    expect(marks[0]).not.toBe(marks[1]);
  });

  it("is nothing unless it is wanted", async () => {
    const [plain] = await promptsOf({ ...spec, cache: { kind: "as-is" } }, 1);
    expect(plain).toEqual({ prompt: spec.prompts[0], mark: null });
  });
});
