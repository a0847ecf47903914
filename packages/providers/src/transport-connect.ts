import type { Socket } from "node:net";
import type { Clock, ConnectionPhases } from "@lens/core";

/** What is known of a connection as it is opened. */
export interface Opening {
  readonly clock: Clock;
  /** When it was asked for. */
  readonly startNs: bigint;
  readonly encrypted: boolean;
}

/** Times the phases of a socket that is being connected, and says when it can be written to. */
export function watchConnecting(
  socket: Socket,
  { clock, startNs, encrypted }: Opening,
  onReady: (phases: ConnectionPhases, readyNs: bigint) => void,
): void {
  let dnsNs: number | null = null;
  let connectFromNs = startNs;
  let connectedNs = startNs;
  const ready = (): void => {
    const readyNs = clock.nowNs();
    const tlsNs = encrypted ? Number(readyNs - connectedNs) : null;
    onReady({ reused: false, dnsNs, connectNs: Number(connectedNs - connectFromNs), tlsNs }, readyNs);
  };
  socket.once("lookup", () => {
    connectFromNs = clock.nowNs();
    dnsNs = Number(connectFromNs - startNs);
  });
  socket.once("connect", () => {
    connectedNs = clock.nowNs();
    if (!encrypted) ready();
  });
  if (encrypted) socket.once("secureConnect", ready);
}
