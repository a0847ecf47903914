import { LensError } from "@lens/core";

/** Where a server listens. */
export interface Address {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
}

const HIGHEST_PORT = 65_535;

/** Reads `HOST:PORT`, the host of IPv6 in brackets. Throws `INVALID_ARGUMENT` for a port that there is not. */
export function readAddress(text: string): Address {
  const at = text.lastIndexOf(":");
  const port = Number(text.slice(at + 1));
  if (port > HIGHEST_PORT)
    throw new LensError("INVALID_ARGUMENT", `Expected \`--listen\` to end in a port from 0 to ${HIGHEST_PORT}, got \`${text}\`.`);
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port };
}

/** Whether only this machine itself can reach the address. */
export function isLoopback({ host }: Address): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/** The URL of an address as this machine reaches it: one that stands for all of its addresses is reached by the loopback. */
export function urlOfAddress({ host, port }: Address): string {
  const reached = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `http://${reached.includes(":") ? `[${reached}]` : reached}:${port}`;
}
