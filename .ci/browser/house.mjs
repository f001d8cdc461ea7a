// What the browser tests stand on: the real program, a real Chromium that reaches nothing else, and a page that is watched.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const program = process.env.PINPOST;
assert.ok(program, "PINPOST must name the program; .ci/browser/run does that");

const endings = new WeakMap();

// atEnd runs what ends a test, the last first: the page goes before the server that it talks to.
export function atEnd(t, end) {
  if (!endings.has(t)) {
    endings.set(t, []);
    t.after(async () => {
      let first;
      for (const one of endings.get(t).reverse()) await one().catch((error) => { first ??= error; });
      if (first) throw first;
    });
  }
  endings.get(t).push(end);
}

// launch starts a browser whose resolver knows no host, and in which nothing but loopback can be reached.
export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
});

// serve runs the program until the test ends, on a free port, and gives its address.
export const serve = async (t, ...flags) => (await run(t, { flags })).url;

// run is serve for a test that stops the program and starts it again on the same data.
export async function run(t, { flags = [], data, listen = "127.0.0.1:0" } = {}) {
  if (data === undefined) {
    data = await mkdtemp(join(tmpdir(), "pinpost-browser-"));
    atEnd(t, () => rm(data, { recursive: true }));
  }
  const { found, stop } = await start(t, ["serve", "--data", data, "--listen", listen, ...flags],
    [/msg"?[=:]"?serving"?.*address"?[=:]"?(127\.0\.0\.1:\d+)/]);
  return { url: `http://${found[0]}`, data, stop };
}

// runProxy runs a proxy before a service until the test ends, and gives the addresses of its page and of the proxy itself.
export async function runProxy(t, upstream, { page = "127.0.0.1:0" } = {}) {
  const { found: [proxy, url], stop, kill } = await start(t, ["proxy", "--upstream", upstream, "--listen", "127.0.0.1:0", "--page", page],
    [/proxy on (http:\/\/127\.0\.0\.1:\d+)/, /page on (http:\/\/127\.0\.0\.1:\d+)/]);
  return { url, proxy, stop, kill };
}

// start starts the program, and gives what it says of itself once it has said all that is wanted.
async function start(t, args, wanted) {
  const process_ = spawn(program, args);
  const ended = new Promise((done) => process_.once("exit", done));
  const end = (signal) => {
    process_.kill(signal);
    return ended;
  };
  const stop = () => end("SIGTERM");
  atEnd(t, stop);
  process_.stdout.resume();
  let log = "";
  const found = wanted.map(() => undefined);
  await new Promise((done, failed) => {
    createInterface({ input: process_.stderr }).on("line", (line) => {
      log += `${line}\n`;
      wanted.forEach((one, i) => { found[i] ??= one.exec(line)?.[1]; });
      if (!found.includes(undefined)) done();
    });
    process_.once("exit", () => failed(new Error(`the program ended:\n${log}`)));
  });
  return { found, stop, kill: () => end("SIGKILL") };
}

// open shows a page, which moves nothing, in a fresh browser context. The test fails when the page asks another host or reports an error;
// expected are the statuses and faults that the browser itself reports as errors and that the test means to provoke.
export async function open(t, browser, url, { width = 1440, height = 950, theme = "light", expected = [] } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme, reducedMotion: "reduce" });
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: new URL(url).origin });
  const page = await context.newPage();
  const faults = [];
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (expected.some((one) => message.text().includes(Number.isInteger(one) ? `status of ${one}` : one))) return;
    faults.push(`console: ${message.text()} ${message.location().url}`);
  });
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== "data:" && asked.protocol !== "blob:" && asked.origin !== new URL(url).origin) faults.push(`asked ${asked.origin}`);
  });
  atEnd(t, async () => {
    await context.close();
    assert.deepEqual(faults, [], "the page asked another host or reported errors");
  });
  await page.goto(url);
  page.setDefaultTimeout(20_000);
  return page;
}

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// accessible wants no violation that axe finds, and no sideways scrolling.
export async function accessible(page, state) {
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
  assert.ok(passes.length > 10, "axe has looked at something");
  const said = ({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} (${failureSummary})`).join("; ")}`;
  assert.deepEqual(violations.map(said), [], state);
  const { wide, shown } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, shown: innerWidth }));
  assert.ok(wide <= shown, `${state}: ${wide} pixels wide in a window of ${shown}`);
}

// operation opens an operation of the reference and gives its block.
export async function operation(page, id) {
  const block = page.locator(`[id$="-${id}"]`);
  await block.locator("button.opblock-summary-control").click();
  await block.getByRole("button", { name: "Execute" }).waitFor();
  return block;
}

// execute sends the form of an operation and gives the status and the body of the answer.
export async function execute(block, status) {
  await block.getByRole("button", { name: "Execute" }).click();
  const answer = block.locator(".live-responses-table");
  await answer.locator(".response-col_status", { hasText: String(status) }).first().waitFor();
  return JSON.parse(await answer.locator(".highlight-code code").first().innerText());
}

// newest is the message that lies on top of the inbox.
export const newest = (page) => page.getByRole("list", { name: /Captured messages/ }).locator("> li").first();

// eventually asks until the answer is as wanted.
export async function eventually(what, ask, wanted, within = 5000) {
  const end = Date.now() + within;
  for (;;) {
    const got = await ask();
    if (got === wanted) return;
    if (Date.now() > end) assert.equal(got, wanted, what);
    await new Promise((done) => setTimeout(done, 25));
  }
}
