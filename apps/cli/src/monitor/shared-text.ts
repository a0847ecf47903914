import type { Clock } from "@lens/core";

interface Copy {
  readonly bytes: Promise<Buffer>;
  /** Null while it is in the making. */
  untilNs: bigint | null;
}

/**
 * A text that costs something to make: made when somebody asks, for all who ask meanwhile and for so long after. They share one copy of its bytes, so
 * that many readers, be they slow or many, cost hardly more than one. A failure is everybody's who asked, and is not kept.
 */
export function createSharedText(
  make: () => Promise<string>,
  { clock, freshNs }: { readonly clock: Pick<Clock, "nowNs">; readonly freshNs: number },
): () => Promise<Buffer> {
  let current: Copy | null = null;

  function begin(): Promise<Buffer> {
    const own: Copy = { bytes: make().then((text) => Buffer.from(text)), untilNs: null };
    current = own;
    own.bytes.then(
      () => {
        own.untilNs = clock.nowNs() + BigInt(freshNs);
      },
      () => {
        if (current === own) current = null;
      },
    );
    return own.bytes;
  }

  return () => {
    const isFresh = current !== null && (current.untilNs === null || clock.nowNs() < current.untilNs);
    return isFresh && current !== null ? current.bytes : begin();
  };
}
