import { spawn } from "node:child_process";

/** What the desktop is found by. */
export interface DesktopOptions {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The program that opens a file with whatever the user has chosen for its kind; null where there is no desktop. */
function openerOf({ platform, env }: DesktopOptions): string | null {
  if (platform === "darwin") return "open";
  if (platform === "win32") return "explorer";
  return (env.DISPLAY ?? "") === "" && (env.WAYLAND_DISPLAY ?? "") === "" ? null : "xdg-open";
}

/** Keys stay with us. */
const SECRET_NAME = /key|token|secret|password/i;

/** Opens a file as a double click would, and waits for nothing but the start. False where that cannot be done. */
export function openOnDesktop(path: string, options: DesktopOptions): Promise<boolean> {
  const opener = openerOf(options);
  if (opener === null) return Promise.resolve(false);
  const env = Object.fromEntries(Object.entries(options.env).filter(([name]) => !SECRET_NAME.test(name)));
  return new Promise((resolve) => {
    const child = spawn(opener, [path], { detached: true, stdio: "ignore", env });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
