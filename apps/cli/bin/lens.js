#!/usr/bin/env node
import module from "node:module";

// Keeps compiled code between runs where this Node can, before anything of weight is loaded.
module.enableCompileCache?.();

const { createProcessIo, main } = await import("../dist/main.js");
process.exit(await main(process.argv.slice(2), createProcessIo()));
