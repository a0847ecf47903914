// @ts-check
/** What npm and pnpm tell their children of themselves, less how to reach the registry: each would warn of the other's words. */
const KEPT_SETTINGS = /^npm_config_(registry|cache|userconfig|globalconfig|https?_proxy|proxy|noproxy|cafile|ca|strict_ssl)$/;

/**
 * How to call npm, whichever of npm, pnpm and Node itself started this process.
 * @param {readonly string[]} args
 * @returns {{ command: string, args: string[], env: NodeJS.ProcessEnv, shell: boolean }}
 */
export function npmCommand(args) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("npm_") || KEPT_SETTINGS.test(name)));
  // Under npm the path of its script is known, and Node can start it without a shell; on Windows `npm` is a .cmd file, which only a shell can start.
  const script = process.env["npm_execpath"] ?? "";
  if (/npm-cli\.[cm]?js$/.test(script)) return { command: process.execPath, args: [script, ...args], env, shell: false };
  return { command: "npm", args: [...args], env, shell: process.platform === "win32" };
}
