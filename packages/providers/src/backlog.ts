/** Bytes and the instants at which they came, kept to be read later. */
export interface Backlog {
  /** Copies the bytes, or hands them over with all that came before, where they are too many. */
  add(chunk: Uint8Array, atNs: bigint): void;
  /** Hands over what is kept, read by read, in order. */
  flush(): void;
}

/** Some thirty tokens. */
const SIZE_BYTES = 8 * 1024;

/**
 * Starts a backlog. To read thirty events at once takes a fraction of the time that it takes to read each when it comes, between other
 * work, when neither the code nor the data is at hand; and nobody has to wait for it.
 */
export function createBacklog(read: (chunk: Uint8Array, atNs: bigint) => void): Backlog {
  let kept: Uint8Array | null = null;
  let usedBytes = 0;
  let parts: { readonly endBytes: number; readonly atNs: bigint }[] = [];

  function flush(): void {
    if (kept === null || usedBytes === 0) return;
    const waiting = parts;
    parts = [];
    usedBytes = 0;
    let startBytes = 0;
    for (const { endBytes, atNs } of waiting) {
      read(kept.subarray(startBytes, endBytes), atNs);
      startBytes = endBytes;
    }
  }

  return {
    add(chunk, atNs) {
      if (usedBytes + chunk.length > SIZE_BYTES) flush();
      if (chunk.length > SIZE_BYTES) return read(chunk, atNs);
      kept ??= Buffer.allocUnsafe(SIZE_BYTES);
      kept.set(chunk, usedBytes);
      usedBytes += chunk.length;
      parts.push({ endBytes: usedBytes, atNs });
    },
    flush,
  };
}
