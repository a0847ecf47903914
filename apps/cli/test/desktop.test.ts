import { chmod, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openOnDesktop } from "../src/desktop.ts";

const DESKTOP = { DISPLAY: ":0" };

test("a file goes to the program of the desktop, which is told no key", async () => {
  const folder = await mkdtemp(join(tmpdir(), "lens-desktop-"));
  await writeFile(
    join(folder, "xdg-open"),
    `#!/bin/sh\necho "$1 $OPENAI_API_KEY." > ${folder}/draft && mv ${folder}/draft ${folder}/seen\n`,
  );
  await chmod(join(folder, "xdg-open"), 0o755);
  const env = { ...DESKTOP, PATH: `${folder}:${dirname("/bin/sh")}`, OPENAI_API_KEY: "secret" };
  expect(await openOnDesktop("/a b.html", { platform: "linux", env })).toBe(true);
  // Nobody waits for the program's end.
  const seen = (): Promise<string | null> => readFile(join(folder, "seen"), "utf8").catch(() => null);
  await expect.poll(seen, { timeout: 15_000 }).toBe("/a b.html .\n");
});

test("a file stays closed where there is no desktop, or no program", async () => {
  expect(await openOnDesktop("/a.html", { platform: "linux", env: {} })).toBe(false);
  expect(await openOnDesktop("/a.html", { platform: "linux", env: { ...DESKTOP, PATH: "/no/such/folder" } })).toBe(false);
  expect(await openOnDesktop("/a.html", { platform: "darwin", env: { PATH: "/no/such/folder" } })).toBe(false);
});
