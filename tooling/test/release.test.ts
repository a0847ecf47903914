import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { joinChangelogs } from "../scripts/changelog.mjs";
import { complaintOf } from "../scripts/package-sizes.mjs";
import { rootDir } from "../scripts/workspace.mjs";

/** As changesets writes them. */
const CORE = `# @lens/core

## 0.10.0

### Minor Changes

- 1a2b3c4: A clock that sleeps.

  With a second paragraph.

### Patch Changes

- 5d6e7f8: Fewer copies.

## 0.9.0

### Minor Changes

- 9a8b7c6: The first.
`;

const CLI = `# llm-latency-lens

## 0.10.0

### Minor Changes

- 5d6e7f8: Fewer copies.

### Patch Changes

- Updated dependencies [1a2b3c4]
- Updated dependencies [5d6e7f8]
  - @lens/core@0.10.0
`;

describe("the changelog of the whole", () => {
  const pages = new Map([
    ["@lens/core", CORE],
    ["llm-latency-lens", CLI],
  ]);

  test("has the newest version first, and each change once, under its largest step, with the packages that it is of", () => {
    const text = joinChangelogs(pages);
    expect(text.slice(text.indexOf("## "))).toBe(`## 0.10.0

### Minor changes

- A clock that sleeps.

  With a second paragraph. (@lens/core)
- Fewer copies. (@lens/core, llm-latency-lens)

## 0.9.0

### Minor changes

- The first. (@lens/core)
`);
  });

  test("says that nothing is released where nothing is", () => {
    expect(joinChangelogs(new Map())).toMatch(/^# Changelog\n[^]*\nNothing is released yet\.\n$/);
  });

  test("and the image that is deployed are those of the packages' version", () => {
    const { status, stderr } = spawnSync(process.execPath, ["tooling/scripts/version.mjs", "--check"], { cwd: rootDir, encoding: "utf8" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });
});

describe("the size of a package", () => {
  const kept = {
    packedBytes: 100_000,
    unpackedBytes: 400_000,
    files: { "dist/index.js": 200_000, "dist/index-*.d.ts": 150_000, src: 50_000 },
  };

  test("may grow by 15 %", () => {
    expect(complaintOf({ ...kept, packedBytes: 115_000, unpackedBytes: 460_000 }, kept)).toBeNull();
  });

  test("may not grow by more, and it is said which files did", () => {
    const files = { ...kept.files, "dist/index.js": 230_000, "dist/page.js": 40_000, src: 49_000 };
    expect(complaintOf({ packedBytes: 115_001, unpackedBytes: 469_000, files }, kept)?.split("\n")).toEqual([
      "Expected at most 115.0 kB packed, got 115.0 kB; at most 460.0 kB unpacked, got 469.0 kB. Most have grown:",
      "  dist/page.js: 0.0 kB before, 40.0 kB now",
      "  dist/index.js: 200.0 kB before, 230.0 kB now",
      "`node tooling/scripts/check-packages.mjs --write` takes it as it is.",
    ]);
  });

  test("has to be known of a new package", () => {
    expect(complaintOf(kept, undefined)).toBe(
      "Expected its size in tooling/package-sizes.json, found none. `node tooling/scripts/check-packages.mjs --write` takes it as it is.",
    );
  });
});
