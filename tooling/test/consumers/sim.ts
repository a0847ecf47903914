import assert from "node:assert/strict";
import http from "node:http";
import { startSimulator } from "@lens/sim";

async function main(): Promise<void> {
  const simulator = await startSimulator();
  const status = await new Promise((resolve) =>
    http.get(`${simulator.origin}/v1/models`, (response) => resolve(response.resume().statusCode)),
  );
  assert.equal(status, 200);
  await simulator.close();
}

void main();
