import { ReadableStream, type ReadableStreamDefaultReader } from "node:stream/web";

/** Told of what passes out of a body. It runs between the bytes' arrival and whoever reads them, so it must be quick, and may not throw. */
export interface BodyWatcher {
  /** A read begins, of which `bytes`, `end` or `error` tells the end, unless the reader lets go before. */
  asked(): void;
  /** The bytes are only lent until the call returns. */
  bytes(chunk: Uint8Array): void;
  end(): void;
  error(reason: unknown): void;
  /** The reader wants no more of it. */
  cancel(): void;
  /** The reader let go of it, perhaps for good. */
  release(): void;
  /** The body is no more, and so there is nobody who could read it. */
  lost(): void;
}

type Body = ReadableStream<Uint8Array>;
type Iterator = ReturnType<Body["values"]>;
type ReadResult = { readonly done: boolean; readonly value?: ArrayBufferView | undefined };

/** What stands on a watched object. Streams keep their own state under symbols as well. */
const WATCHER = Symbol("watcher");
const EYE = Symbol("eye");

interface WatchedBody extends Body {
  [WATCHER]: BodyWatcher;
}

/** Both kinds of reader, as far as they are watched. */
interface WatchedReader {
  [EYE]: Eye;
  read(...into: unknown[]): Promise<ReadResult>;
  cancel(...reason: unknown[]): Promise<void>;
  releaseLock(): void;
}

const bytesOf = (view: ArrayBufferView): Uint8Array =>
  view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** Looks at what the reads of one reader come to. */
interface Eye {
  readonly watcher: BodyWatcher;
  /** Whoever reads has the promise's rejection too, and is to handle it. */
  look<T extends Promise<ReadResult>>(reading: T): T;
  /** From here on the reader fails its own reads, not the body. */
  close(): void;
  isOpen(): boolean;
}

function createEye(watcher: BodyWatcher): Eye {
  let open = true;
  const took = ({ done, value }: ReadResult): void => {
    if (done) watcher.end();
    else if (value !== undefined) watcher.bytes(bytesOf(value));
  };
  const failed = (reason: unknown): void => {
    if (open) watcher.error(reason);
  };
  return {
    watcher,
    look(reading) {
      if (open) watcher.asked();
      reading.then(took, failed);
      return reading;
    },
    close() {
      open = false;
      watcher.release();
    },
    isOpen: () => open,
  };
}

/** Two watchers of the branches of a tee, of which the one that is read first stands for the body. */
function splitWatcher(watcher: BodyWatcher): readonly [BodyWatcher, BodyWatcher] {
  let first: BodyWatcher | null = null;
  let cancelled = 0;
  const createBranch = (): BodyWatcher => {
    const isFirst = (): boolean => (first ??= branch) === branch;
    const branch: BodyWatcher = {
      asked: () => void (isFirst() && watcher.asked()),
      bytes: (chunk) => void (isFirst() && watcher.bytes(chunk)),
      end: () => void (isFirst() && watcher.end()),
      error: (reason) => void (isFirst() && watcher.error(reason)),
      cancel() {
        cancelled += 1;
        if (first === branch || cancelled === 2) watcher.cancel();
      },
      release: () => void (isFirst() && watcher.release()),
      // They hold the body, which is lost after both of them.
      lost: () => undefined,
    };
    return branch;
  };
  return [createBranch(), createBranch()];
}

/** One watcher for two, where a body is watched already. */
const joinWatchers = (one: BodyWatcher, other: BodyWatcher): BodyWatcher => ({
  asked() {
    one.asked();
    other.asked();
  },
  bytes(chunk) {
    one.bytes(chunk);
    other.bytes(chunk);
  },
  end() {
    one.end();
    other.end();
  },
  error(reason) {
    one.error(reason);
    other.error(reason);
  },
  cancel() {
    one.cancel();
    other.cancel();
  },
  release() {
    one.release();
    other.release();
  },
  lost() {
    one.lost();
    other.lost();
  },
});

/**
 * Puts methods between objects and their class. They stand on a prototype that is made once for each class, as to put them on each object takes
 * many times as long, and could be seen.
 */
function createCover<T extends object>(methodsOver: (own: T) => object): (target: T) => void {
  const covers = new WeakMap<object, object>();
  return (target) => {
    const own = Object.getPrototypeOf(target) as T;
    let cover = covers.get(own);
    if (cover === undefined) {
      cover = Object.create(own) as object;
      const methods = Object.getOwnPropertyDescriptors(methodsOver(own)) as Record<PropertyKey, PropertyDescriptor>;
      for (const name of Reflect.ownKeys(methods)) Object.defineProperty(cover, name, { ...methods[name], enumerable: false });
      covers.set(own, cover);
    }
    Object.setPrototypeOf(target, cover);
  };
}

const coverReader = createCover<WatchedReader>((own) => ({
  read(this: WatchedReader, ...into: unknown[]) {
    return this[EYE].look(own.read.apply(this, into));
  },
  cancel(this: WatchedReader, ...reason: unknown[]) {
    const { watcher, isOpen } = this[EYE];
    if (isOpen()) watcher.cancel();
    return own.cancel.apply(this, reason);
  },
  releaseLock(this: WatchedReader) {
    own.releaseLock.call(this);
    this[EYE].close();
  },
}));

function iterate(body: WatchedBody, own: Body, options: Parameters<Body["values"]>): Iterator {
  const iterator = own.values.apply(body, options);
  const { look, watcher } = createEye(body[WATCHER]);
  const { next, return: leave } = iterator;
  iterator.next = () => look(next.call(iterator) as Promise<ReadResult>) as ReturnType<Iterator["next"]>;
  if (leave !== undefined)
    iterator.return = (...value) => {
      if (options[0]?.preventCancel !== true) watcher.cancel();
      return leave.apply(iterator, value);
    };
  return iterator;
}

/** Pipes read where nobody can look, so they read from a stream between, which holds nothing. */
function pipe(body: Body, [writable, options]: Parameters<Body["pipeTo"]>): Promise<void> {
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const between = new ReadableStream<Uint8Array>(
    {
      pull: (controller) =>
        reader.read().then(({ done, value }) => {
          if (done) controller.close();
          else controller.enqueue(value);
        }),
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  const piped = between.pipeTo(writable, options);
  const release = (): void => reader.releaseLock();
  piped.then(release, release);
  return piped;
}

const coverBody = createCover<WatchedBody>((own) => ({
  getReader(this: WatchedBody, ...options: Parameters<Body["getReader"]>) {
    const reader = own.getReader.apply(this, options) as unknown as WatchedReader;
    reader[EYE] = createEye(this[WATCHER]);
    coverReader(reader);
    return reader;
  },
  values(this: WatchedBody, ...options: Parameters<Body["values"]>) {
    return iterate(this, own, options);
  },
  [Symbol.asyncIterator](this: WatchedBody, ...options: Parameters<Body["values"]>) {
    return iterate(this, own, options);
  },
  tee(this: WatchedBody) {
    const branches = own.tee.call(this);
    watchBranches(this[WATCHER], branches);
    return branches;
  },
  cancel(this: WatchedBody, ...reason: [unknown?]) {
    if (!this.locked) this[WATCHER].cancel();
    return own.cancel.apply(this, reason);
  },
  // Where something is locked, their own method says so.
  pipeTo(this: WatchedBody, ...options: Parameters<Body["pipeTo"]>) {
    return this.locked ? own.pipeTo.apply(this, options) : pipe(this, options);
  },
  pipeThrough(this: WatchedBody, ...[pair, options]: Parameters<Body["pipeThrough"]>) {
    if (this.locked || pair.writable.locked) return own.pipeThrough.call(this, pair, options);
    pipe(this, [pair.writable, options]).catch(() => undefined);
    return pair.readable;
  },
}));

/** A watcher must not hold its body. */
const collected = new FinalizationRegistry<BodyWatcher>((watcher) => watcher.lost());

/**
 * Watches what is read from `body`, in whichever way it is read. The body stays the object that it is, and all reading is done by its own
 * methods: the promises that they return are looked at before whoever asked for them sees them. So nothing is queued, copied or asked
 * for that would not have been without a watcher. Bytes that are transferred to another thread are not seen.
 */
function watchBody(body: Body, watcher: BodyWatcher): void {
  const watched = body as WatchedBody;
  const known = watched[WATCHER] as BodyWatcher | undefined;
  watched[WATCHER] = known === undefined ? watcher : joinWatchers(known, watcher);
  if (known === undefined) coverBody(watched);
  collected.register(body, watcher);
}

/** Watches the branches of a body in place of it. */
function watchBranches(watcher: BodyWatcher, branches: readonly [Body, Body]): void {
  const watchers = splitWatcher(watcher);
  watchBody(branches[0], watchers[0]);
  watchBody(branches[1], watchers[1]);
}

const coverResponse = createCover<Response>((own) => ({
  clone(this: Response) {
    const watcher = (this.body as WatchedBody | null)?.[WATCHER];
    const copy = own.clone.call(this);
    // Up to Node 24 it splits the body by its `tee`, which has passed the watcher on.
    const [body, copied] = [this.body, copy.body] as [WatchedBody | null, WatchedBody | null];
    if (watcher !== undefined && body !== null && copied !== null && body[WATCHER] === undefined) watchBranches(watcher, [body, copied]);
    coverResponse(copy);
    return copy;
  },
}));

/** As `watchBody`, with the bodies of clones: from Node 26 on those are split where nobody can look. */
export function watchResponse(response: Response, watcher: BodyWatcher): void {
  if (response.body === null) return;
  const known = (response.body as WatchedBody)[WATCHER] !== undefined;
  watchBody(response.body as Body, watcher);
  if (!known) coverResponse(response);
}
