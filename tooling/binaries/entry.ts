/** Where a program that is a single file begins. */
import { main } from "../../apps/cli/src/main.ts";
import { createProcessIo } from "../../apps/cli/src/process-io.ts";

void main(process.argv.slice(2), createProcessIo()).then((code) => process.exit(code));
