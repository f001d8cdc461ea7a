// The live page of a proxy, in front of a service that answers right or wrong as a test wants.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { accessible, atEnd, eventually, launch, open, runProxy } from "./house.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

const phone = "41793026727", pin = "739104"; // what must not be seen on the page

// strangers are members that no answer has. The first ten are named, and the others counted together.
const strangers = ["applicationId", "attemptsRemaining", "enabled", "language", "messageId", "messageText", "msisdn", "name", "pinError", "senderId", "speechRate", "verified"];

// upstream is a service whose answers have faults: those that a test names in the header X-Fault.
async function upstream(t) {
  const answers = {
    none: { pinId: "9C817C6F8AF3D48F9FE553282AFA2B67", to: phone, ncStatus: "NC_NOT_CONFIGURED", smsStatus: "MESSAGE_SENT" },
    missing: { to: phone, ncStatus: "NC_NOT_CONFIGURED", smsStatus: "MESSAGE_SENT" },
    added: { pinId: "9C817C6F8AF3D48F9FE553282AFA2B67", to: phone, ncStatus: "NC_NOT_CONFIGURED", smsStatus: "MESSAGE_SENT", pin },
  };
  answers.many = { ...answers.none, ...Object.fromEntries(strangers.map((name) => [name, 1])) };
  const server = createServer((request, response) => {
    request.resume().on("end", () => {
      const fault = request.headers["x-fault"] ?? "none";
      response.writeHead(200, {
        "Content-Type": "application/json", "Idempotency-Replayed": "false", "X-Request-Id": `request-of-${fault}`,
      });
      response.end(JSON.stringify(answers[fault]));
    });
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  atEnd(t, () => new Promise((done) => { server.close(done); server.closeAllConnections(); }));
  return `http://127.0.0.1:${server.address().port}`;
}

// send passes one exchange: right, but for the fault that is named.
async function send(proxy, fault = "none", path = "/2fa/1/pin") {
  const response = await fetch(proxy + path, {
    method: "POST", headers: { "Content-Type": "application/json", Authorization: "App key-of-nobody", "X-Fault": fault },
    body: JSON.stringify({ applicationId: "8F0792F86035A9F4290821F1EE6BC06A", messageId: "F66D67327326FCCB027BEAA916B94542", to: phone }),
  });
  await response.text();
}

const verdict = (page) => page.getByRole("heading", { level: 2 }).first();
const says = (page, text, timeout = 1000) => verdict(page).getByText(text, { exact: true }).waitFor({ timeout });
const rows = (page) => page.locator("#exchanges tbody tr:visible").count();

test("what passes is judged before one's eyes", async (t) => {
  const { url, proxy } = await runProxy(t, await upstream(t));
  const page = await open(t, browser, url);
  await page.getByText("Live", { exact: true }).waitFor();
  await says(page, "Nothing has passed yet");
  await page.getByText(`PINPOST_URL=${proxy}`, { exact: true }).waitFor();
  await page.getByRole("button", { name: "Copy" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `PINPOST_URL=${proxy}`);
  assert.equal(await page.getByRole("heading", { name: "Violations" }).count(), 0, "there is nothing to list yet");
  await page.getByText("0 of 16 seen").waitFor();

  await send(proxy);
  await says(page, "No violations in 1 exchange");
  assert.match(await page.locator("#announcer").innerText(), /No violations in 1 exchange/);
  await page.getByText("1 of 16 seen").waitFor();

  await send(proxy, "missing");
  await says(page, "1 violation");
  assert.match(await page.locator("#announcer").innerText(), /1 violation/);
  const groups = page.getByRole("list", { name: "Violations" }).locator("> li");
  const missing = groups.filter({ hasText: "body.pinId" });
  await missing.getByText("once").waitFor();
  assert.match(await missing.innerText(), /sendPinOverSms\s+response/);
  assert.match(await missing.innerText(), /request-of-missing/);
  await missing.getByRole("button", { name: "Copy request ID" }).focus();

  await send(proxy, "missing");
  await send(proxy, "added");
  await send(proxy, "none", `/2fa/1/pin/${phone}`);
  await says(page, "4 violations of 3 kinds");
  await missing.getByText("2 times").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Copy request ID", "the keyboard stays where it was");
  await groups.filter({ hasText: "no operation" }).getByText("has no operation in the contract with this method").waitFor();
  assert.match(await page.title(), /^4 violations of 3 kinds/);
  await page.keyboard.press("Enter");
  await page.getByText("Copied").first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "request-of-missing");

  const sms = page.locator("#operations-list li", { hasText: "POST /2fa/1/pin" }).first();
  assert.match(await sms.innerText(), /sendPinOverSms\s+3 wrong of 4\s+POST \/2fa\/1\/pin/);
  assert.equal(await page.locator("#operations-list").getByText("never").count(), 15);
  const report = await (await fetch(`${url}/report.json`)).text();
  for (const text of [await page.content(), report]) {
    for (const secret of [phone, pin, "key-of-nobody"]) assert.ok(!text.includes(secret), `${secret} is shown`);
  }
});

test("the table is narrowed, and held still", async (t) => {
  const { url, proxy } = await runProxy(t, await upstream(t));
  const page = await open(t, browser, url);
  for (const fault of ["none", "missing", "none"]) await send(proxy, fault);
  await eventually("rows", () => rows(page), 3);
  await page.getByLabel("Only with violations").check();
  await eventually("rows with violations", () => rows(page), 1);
  assert.match(await page.locator("#exchanges tbody tr:visible").innerText(), /POST \/2fa\/1\/pin\s+200\s+[\d.]+ ms\s+response body\.pinId/);
  await send(proxy, "added");
  await eventually("rows with violations", () => rows(page), 2);
  await page.getByLabel("Only with violations").uncheck();

  const pause = page.getByRole("button", { name: "Pause" });
  await pause.focus();
  await page.keyboard.press("Enter");
  assert.equal(await pause.getAttribute("aria-pressed"), "true");
  await send(proxy, "missing");
  await page.getByText("1 newer not shown").waitFor();
  await says(page, "3 violations of 2 kinds");
  assert.equal(await rows(page), 4, "the table stands still, and the verdict does not");
  await page.keyboard.press("Enter");
  await eventually("rows", () => rows(page), 5);
  assert.equal(await page.locator("#exchanges tbody tr").first().getAttribute("data-exchange"), "5", "the newest is on top");
  await page.reload();
  await says(page, "3 violations of 2 kinds");
  await eventually("rows after a reload", () => rows(page), 5);
});

test("of many kinds the latest are shown, and all when asked for", async (t) => {
  const { url, proxy } = await runProxy(t, await upstream(t));
  const page = await open(t, browser, url);
  const kinds = () => page.locator("#groups > li:visible").count();
  await send(proxy, "many");
  await says(page, "11 violations of 11 kinds");
  await eventually("kinds", kinds, 8);
  await page.getByText("and 1 more").waitFor();
  await page.getByRole("button", { name: "Show all 11 kinds" }).click();
  await eventually("kinds", kinds, 11);
  await page.getByRole("button", { name: "Show the latest 8 kinds" }).click();
  await eventually("kinds", kinds, 8);
});

test("a filter that leaves nothing says so, and a crowd does not grow the page", async (t) => {
  const { url, proxy } = await runProxy(t, await upstream(t));
  const page = await open(t, browser, url);
  for (let i = 0; i < 30; i++) await Promise.all(Array.from({ length: 10 }, () => send(proxy)));
  await says(page, "No violations in 300 exchanges");
  await eventually("rows", () => rows(page), 200);
  await page.getByLabel("Only with violations").check();
  await page.getByText("None of the last 200 exchanges has a violation.").waitFor();
});

test("a proxy that stops and comes back", async (t) => {
  const service = await upstream(t);
  const first = await runProxy(t, service);
  const page = await open(t, browser, first.url, { expected: ["ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", 503] });
  await send(first.proxy, "missing");
  await says(page, "1 violation");
  await first.stop();
  await page.getByText("The proxy has stopped; waiting for it to come back …").waitFor();
  await says(page, "1 violation"); // what was found stays

  const second = await runProxy(t, service, { page: new URL(first.url).host });
  await page.getByText("Live", { exact: true }).waitFor();
  await says(page, "Nothing has passed yet", 6000);
  assert.equal(await page.getByRole("heading", { name: "Violations" }).count(), 0, "what another proxy saw is gone");
  await send(second.proxy, "added");
  await says(page, "1 violation");
  await second.kill();
  await page.getByText("The connection to the proxy is lost; trying again …").waitFor();
});

for (const theme of ["light", "dark"]) {
  for (const width of [360, 800, 1440]) {
    test(`no violation that axe finds: ${theme}, ${width} pixels`, async (t) => {
      const { url, proxy } = await runProxy(t, await upstream(t));
      const page = await open(t, browser, url, { theme, width });
      await page.getByText("Live", { exact: true }).waitFor();
      await accessible(page, "nothing has passed");
      await send(proxy);
      await says(page, "No violations in 1 exchange");
      await accessible(page, "clean");
      for (const fault of ["missing", "added", "missing"]) await send(proxy, fault);
      await send(proxy, "none", "/2fa/1/nothing/there");
      await says(page, "4 violations of 3 kinds");
      await page.getByRole("button", { name: "Pause" }).click();
      await accessible(page, "busy");
    });
  }
}
