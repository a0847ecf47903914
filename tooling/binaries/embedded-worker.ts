/** Stands in for the file of @lens/load that says where a worker's code is: in a program that is a single file, it is an asset. */
import { getAsset } from "node:sea";

export const workerCode = (): URL => new URL(`data:text/javascript;base64,${Buffer.from(getAsset("worker.js")).toString("base64")}`);
