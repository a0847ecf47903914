export { type ClosedLoopOptions, type LoadResult, runClosedLoop, type Ticket } from "./closed-loop.ts";
