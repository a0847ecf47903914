/** The code of a worker thread: the file `worker.js` beside this one, so it needs the built package. A program that is a single file brings its own. */
export const workerCode = (): URL => new URL("./worker.js", import.meta.url);
