"use strict";

// What onnxruntime makes of models. Standard input is a JSON array of requests:
// a model with one input and one output, and the input x with its type, its
// dimensions and its little-endian elements. Standard output is a JSON object
// with the version and an array of the outputs. Models and elements are in base64.

const fs = require("node:fs");
const ort = require("onnxruntime-node");

const arrays = {
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int32: Int32Array,
};

const sessions = new Map();

async function run({ model, type, dims, x }) {
  if (!sessions.has(model)) {
    sessions.set(model, await ort.InferenceSession.create(Buffer.from(model, "base64")));
  }
  const session = sessions.get(model);
  const bytes = Uint8Array.from(Buffer.from(x, "base64"));
  const input = new ort.Tensor(type, new arrays[type](bytes.buffer), dims);
  const results = await session.run({ [session.inputNames[0]]: input });
  const { buffer, byteOffset, byteLength } = results[session.outputNames[0]].data;
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

async function main() {
  const outputs = [];
  for (const request of JSON.parse(fs.readFileSync(0))) {
    outputs.push(await run(request));
  }
  process.stdout.write(JSON.stringify({ version: ort.env.versions.node, outputs }));
}

main();
