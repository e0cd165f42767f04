// Runs a program for wasip1: node wasi.mjs PROGRAM ARGUMENTS...
import { readFile } from "node:fs/promises";
import { argv, env, exit } from "node:process";
import { WASI } from "node:wasi";

const wasi = new WASI({ version: "preview1", args: argv.slice(2), env, preopens: { "/": "/" }, returnOnExit: true });
// Node.js 18 has no getImportObject.
const imports = { wasi_snapshot_preview1: wasi.wasiImport };
const { instance } = await WebAssembly.instantiate(await readFile(argv[2]), imports);
exit(wasi.start(instance));
