import { describe, expect, test } from "vitest";
import { resolveShard } from "../src/shard.ts";
import { lens } from "./fake-io.ts";

describe("the part of a run that falls to a process", () => {
  test("is counted from 1 on the command line", () => {
    expect(resolveShard({ shard: "1/8" }, {})).toEqual({ index: 0, of: 8 });
    expect(resolveShard({ shard: "8/8" }, {})).toEqual({ index: 7, of: 8 });
    expect(resolveShard({}, {})).toBeNull();
  });

  test.each([
    [
      { JOB_COMPLETION_INDEX: "0", LENS_SHARDS: "3" },
      { index: 0, of: 3 },
    ],
    [
      { JOB_COMPLETION_INDEX: "2", LENS_SHARDS: "3", CI_NODE_INDEX: "1", CI_NODE_TOTAL: "2" },
      { index: 2, of: 3 },
    ],
    [
      { JOB_COMPLETION_INDEX: "", CI_NODE_INDEX: "1", CI_NODE_TOTAL: "2" },
      { index: 0, of: 2 },
    ],
    [
      { CI_NODE_INDEX: "2", CI_NODE_TOTAL: "2" },
      { index: 1, of: 2 },
    ],
  ])("is read from %j by auto", (env, shard) => {
    expect(resolveShard({ shard: "auto" }, env)).toEqual(shard);
  });

  test.each([
    ["0/8", {}, "Expected `--shard` to be a part such as 2/8, from 1/8 to 8/8, got `0/8`."],
    ["9/8", {}, "Expected `--shard` to be a part such as 2/8, from 1/8 to 8/8, got `9/8`."],
    ["0/0", {}, "Expected `--shard` to be a part such as 2/8, from 1/8 to 8/8, got `0/0`."],
    [
      "auto",
      {},
      "Expected `JOB_COMPLETION_INDEX` with `LENS_SHARDS`, or `CI_NODE_INDEX` with `CI_NODE_TOTAL`, for `--shard auto`, got none of them.",
    ],
    ["auto", { JOB_COMPLETION_INDEX: "1" }, "Expected a whole number from 1 up in `LENS_SHARDS` for `--shard auto`, got nothing."],
    [
      "auto",
      { JOB_COMPLETION_INDEX: "x", LENS_SHARDS: "3" },
      "Expected a whole number from 0 up in `JOB_COMPLETION_INDEX` for `--shard auto`, got `x`.",
    ],
    [
      "auto",
      { JOB_COMPLETION_INDEX: "3", LENS_SHARDS: "3" },
      "Expected `JOB_COMPLETION_INDEX` to be at most 2, there being 3 shards, got `3`.",
    ],
    [
      "auto",
      { CI_NODE_INDEX: "0", CI_NODE_TOTAL: "2" },
      "Expected a whole number from 1 up in `CI_NODE_INDEX` for `--shard auto`, got `0`.",
    ],
  ])("is refused where there is none such: %s %j", (shard, env, message) => {
    expect(() => resolveShard({ shard }, env)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });

  test.each([
    ["bench sim: --shard 2", "Expected `--shard` to be a part such as 2/8, or auto, got `2`."],
    ["bench sim: --shard 1/2 --search", "Expected a value after `--search`, got none. See `lens benchmark --help`."],
    ["bench sim: --shard 1/8 -c 4", "Expected concurrency to be at least the number of shards, 8, got `4`."],
    [
      "compare sim: sim:b --shard 1/2",
      "Expected an option of `lens compare`, got `--shard`. It is an option of `lens benchmark`. See `lens compare --help`.",
    ],
  ])("does not go with everything: %s", async (line, complaint) => {
    expect(await lens(line)).toMatchObject({ code: 2, err: expect.stringContaining(`lens: ${complaint}\n`) as string });
  });

  test("cannot search, since each would decide by its own figures", async () => {
    expect(await lens(["bench", "sim:", "--shard", "1/2", "--search", "ttft p95 < 1s"])).toMatchObject({
      code: 2,
      err: expect.stringContaining("Expected no `--search`, which decides by its own figures alone, with `--shard`.") as string,
    });
  });
});
