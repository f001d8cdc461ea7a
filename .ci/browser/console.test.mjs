// The console of a sandbox, as a person uses it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { eventually, execute, launch, newest, open, operation, run, serve } from "./house.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

test("the main job: send, resend, resend by voice, read, copy, verify", async (t) => {
  const url = await serve(t);
  const page = await open(t, browser, url);
  await page.getByText("Nothing has come yet.").waitFor();
  assert.match(await page.locator("#inbox-command pre").innerText(), /curl 'http:\/\/127\.0\.0\.1:\d+\/2fa\/1\/pin/);

  const sending = await operation(page, "sendPinOverSms");
  const sent = await execute(sending, 200);
  assert.equal(sent.smsStatus, "MESSAGE_SENT");
  await newest(page).getByText("Text", { exact: true }).waitFor({ timeout: 1000 }); // by itself, within a second
  const panel = sending.locator(".request-panel");
  assert.match(await panel.innerText(), /POST http:\/\/127\.0\.0\.1:\d+\/2fa\/1\/pin/);
  assert.match(await panel.innerText(), /Authorization\s+App [0-9a-f]{32}-/);
  assert.match(await panel.innerText(), /"to": "41793026727"/);
  assert.match(await sending.locator(".live-responses-table").innerText(), /x-request-id/i, "the headers of the answer are shown");

  const resending = await operation(page, "resendPinOverSms");
  assert.equal(await resending.getByRole("textbox", { name: "pinId" }).inputValue(), sent.pinId, "the PIN ID of the answer is filled in");
  assert.equal((await execute(resending, 200)).smsStatus, "MESSAGE_SENT");

  const calling = await operation(page, "resendPinOverVoice");
  assert.equal((await execute(calling, 200)).callStatus, "PROCESSED");
  await newest(page).getByText("Call", { exact: true }).waitFor({ timeout: 1000 });
  assert.match(await newest(page).locator(".said").innerText(), /(\d\. ){5}\d/, "the PIN is said digit by digit");

  const pin = await newest(page).locator(".pin code").innerText();
  assert.equal(await page.locator(".message .pin code").evaluateAll((all) => new Set(all.map((one) => one.textContent)).size), 1,
    "three messages carry the same PIN");
  await newest(page).getByRole("button", { name: "Copy PIN", exact: true }).click();
  await newest(page).getByRole("button", { name: "Copied" }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), pin);

  const verifying = await operation(page, "verifyPin");
  await verifying.getByLabel("Request body").fill(JSON.stringify({ pin: pin === "000000" ? "000001" : "000000" }));
  const wrong = await execute(verifying, 200);
  assert.equal(wrong.verified, false);
  assert.equal(wrong.pinError, "WRONG_PIN");
  await verifying.getByLabel("Request body").fill(JSON.stringify({ pin }));
  await verifying.getByRole("button", { name: "Execute" }).click();
  await verifying.locator(".live-responses-table").getByText('"verified": true').waitFor();
});

test("a busy line and other outcomes, picked from the table", async (t) => {
  const page = await open(t, browser, `${await serve(t)}/#send`);
  await page.getByRole("button", { name: "Use busy", exact: true }).click();
  assert.match(await page.getByRole("textbox", { name: "Number" }).inputValue(), /^336399821\d\d$/);
  await page.getByRole("radio", { name: "Call" }).check();
  await page.getByRole("button", { name: "Send PIN" }).click();
  await page.locator("#send-result").getByText("ERROR_USER_BUSY").waitFor();

  await page.getByLabel("Outcome").selectOption("no-credit");
  await page.getByRole("radio", { name: "Text" }).check();
  await page.getByRole("button", { name: "Send PIN" }).click();
  await page.locator("#send-result").getByText("MESSAGE_NOT_SENT").waitFor();

  await page.getByRole("link", { name: /^Inbox/ }).click();
  assert.equal(await page.locator(".message").count(), 1, "what no carrier took is not in the inbox");
  await newest(page).locator(".status", { hasText: "ERROR_USER_BUSY" }).waitFor();
});

test("the slow carrier keeps the button busy, and the status follows", async (t) => {
  const page = await open(t, browser, `${await serve(t)}/#send`);
  await page.getByLabel("Outcome").selectOption("slow");
  await page.getByRole("button", { name: "Send PIN" }).click();
  await page.getByText("Sending …").waitFor();
  assert.equal(await page.getByRole("button", { name: "Send PIN" }).getAttribute("aria-disabled"), "true");
  await page.locator("#send-result").getByText("MESSAGE_SENT").waitFor();
  await page.getByRole("link", { name: /^Inbox/ }).click();
  await newest(page).locator(".status", { hasText: "MESSAGE_DELIVERED" }).waitFor();
});

test("past expiry by the clock, and back by a reset", async (t) => {
  const page = await open(t, browser, await serve(t));
  const sent = await execute(await operation(page, "sendPinOverSms"), 200);
  const pin = await newest(page).locator(".pin code").innerText();

  await page.getByRole("link", { name: /^Clock/ }).click();
  await page.getByRole("button", { name: "+15 minutes" }).click();
  await page.getByText("15 min ahead of real time").waitFor();
  await page.getByLabel("By").fill("1");
  await page.getByRole("button", { name: "Move the clock" }).click();
  await page.getByText("16 min ahead of real time").waitFor();

  const verifying = await operation(page, "verifyPin");
  assert.equal(await verifying.getByRole("textbox", { name: "pinId" }).inputValue(), sent.pinId);
  await verifying.getByLabel("Request body").fill(JSON.stringify({ pin }));
  assert.equal((await execute(verifying, 200)).pinError, "TTL_EXPIRED");

  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Reset this world …" }).click();
  await page.getByText("Real time", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Inbox", exact: true }).click();
  await page.getByText("Nothing has come yet.").waitFor();
  await page.getByRole("link", { name: "Scenarios" }).click();
  await page.getByRole("button", { name: "Send PIN" }).click(); // applications and messages are still there
  await page.locator("#send-result").getByText("MESSAGE_SENT").waitFor();
});

test("faults are planned, seen to strike, and removed", async (t) => {
  const page = await open(t, browser, `${await serve(t)}/#faults`, { expected: [503] });
  await page.getByText("No fault is planned").waitFor();
  await page.getByLabel("Operation").selectOption("verifyPin");
  await page.getByRole("radio", { name: "A share of them" }).check();
  await page.getByLabel("Share, in percent").fill("100");
  await page.getByRole("button", { name: "Plan fault" }).click();
  await page.getByText("By a chance of 100 %, each call of verifyPin answers 503.").waitFor();

  const sent = await execute(await operation(page, "sendPinOverSms"), 200);
  const verifying = await operation(page, "verifyPin");
  assert.equal(await verifying.getByRole("textbox", { name: "pinId" }).inputValue(), sent.pinId);
  const answer = await execute(verifying, 503);
  assert.equal(answer.requestError.serviceException.messageId, "SERVICE_UNAVAILABLE");
  await page.getByText("Struck once so far").waitFor();

  await page.getByRole("button", { name: /^Remove: / }).click();
  await page.getByText("No fault is planned").waitFor();
  assert.equal((await execute(verifying, 200)).verified, false);
});

test("the inbox is narrowed by number, and messages are removed", async (t) => {
  const page = await open(t, browser, `${await serve(t)}/#send`);
  for (const to of ["41793026727", "41793026728", "41793026728"]) {
    await page.getByRole("textbox", { name: "Number" }).fill(to);
    await page.getByText("A number outside the table is reachable by every channel.").waitFor();
    await page.getByRole("button", { name: "Send PIN" }).click();
    await page.locator("#send-result dd", { hasText: to }).waitFor();
  }
  await page.getByRole("link", { name: /^Inbox/ }).click();
  const visible = () => page.locator(".message:visible").count();
  await eventually("messages", visible, 3);
  await page.getByLabel("Number").first().fill("6727");
  await eventually("messages to …6727", visible, 1);
  await page.getByLabel("Number").first().fill("999");
  await page.getByText("No message to such a number is shown.").waitFor();
  await page.getByLabel("Number").first().fill("");
  await newest(page).getByText("Details").click({ trial: true });
  await newest(page).getByRole("button", { name: "Delete" }).click();
  await eventually("messages", visible, 2);
  await page.reload();
  await eventually("messages after a reload", visible, 2);
  await page.getByLabel("Number").first().fill("6727");
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Remove these 1 …" }).click();
  await page.getByText("No message to such a number is shown.").waitFor();
  await page.getByLabel("Number").first().fill("");
  await eventually("messages that were not shown", visible, 1);
  page.once("dialog", (dialog) => dialog.accept());
  await page.getByRole("button", { name: "Empty the inbox …" }).click();
  await page.getByText("Nothing has come yet.").waitFor();
});

test("who is about to type a number is not interrupted by the scenarios that come late", async (t) => {
  const page = await open(t, browser, `${await serve(t)}/#send`);
  let come;
  const late = new Promise((done) => { come = done; });
  await page.route("**/sandbox/scenarios", async (route) => {
    await late;
    await route.continue();
  });
  await page.reload();
  const number = page.getByRole("textbox", { name: "Number" });
  await number.focus();
  come();
  await page.getByRole("button", { name: "Send PIN", disabled: false }).waitFor();
  assert.equal(await number.inputValue(), "", "nothing is put where somebody is about to type");
  await page.keyboard.type("41793026727");
  await page.keyboard.press("Enter");
  await page.locator("#send-result dd", { hasText: "41793026727" }).waitFor();
});

test("a captured call is heard, and shows which carrier took it", async (t) => {
  const page = await open(t, browser, `${await serve(t)}/#send`);
  await page.getByRole("textbox", { name: "Number" }).fill("41793026727");
  await page.getByRole("radio", { name: "Call" }).check();
  await page.getByRole("button", { name: "Send PIN" }).click();
  await page.locator("#send-result").getByText("PROCESSED").waitFor();
  await page.getByRole("link", { name: /^Inbox/ }).click();
  const call = newest(page);
  await call.locator(".attempts li").getByText("sandbox: taken").waitFor();
  await call.getByRole("button", { name: "Listen" }).click();
  const player = call.locator("audio");
  await player.waitFor();
  await eventually("seconds of sound", () => player.evaluate((audio) => audio.duration > 2), true);
  await eventually("playing", () => player.evaluate((audio) => audio.play().then(() => audio.currentTime > 0)), true);
});

test("every view opens by a click on its tab", async (t) => {
  const url = await serve(t);
  for (const width of [360, 1440]) {
    const page = await open(t, browser, url, { width });
    const tabs = page.getByRole("navigation", { name: "Views" }).getByRole("link");
    const names = await tabs.evaluateAll((all) => all.filter((one) => one.offsetParent).map((one) => one.hash.slice(1)));
    assert.equal(names.length, width === 360 ? 5 : 4);
    for (const name of [...names, ...names.reverse()]) {
      await page.locator(`nav a[href="#${name}"]`).click();
      await page.locator(`section[data-view="${name}"]`).waitFor();
      assert.equal(await page.evaluate(() => document.body.dataset.view), name);
    }
  }
});

test("what is prefilled can be carried out as it stands", async (t) => {
  const page = await open(t, browser, await serve(t));
  await execute(await operation(page, "sendPinOverSms"), 200);
  for (const id of ["getPinStatus", "getApplication", "listMessages", "getMessage", "createMessage", "listVerifications", "createApiKey"]) {
    await execute(await operation(page, id), 200);
  }
  const errors = page.locator("#swagger .example", { hasText: '"messageId": "UNAUTHORIZED"' });
  assert.ok(await errors.count() > 0, "examples of errors keep their kind");
  await page.getByLabel("Contract").selectOption("Sandbox API");
  for (const id of ["listCapturedMessages", "listScenarios", "listFaults", "getClock", "listWorlds", "dumpSeed"]) {
    await execute(await operation(page, id), 200);
  }
});

test("a command is safe to paste, whatever is in it", async (t) => {
  const page = await open(t, browser, await serve(t));
  const odd = "a'; touch marker; '$(touch marker)\\";
  const word = await page.evaluate(async (text) => (await import("/assets/dom.js")).quoted(text), odd);
  assert.equal(execFileSync("sh", ["-c", `printf %s ${word}`]).toString(), odd);
});

test("the inbox comes back after the server was away, and loses nothing", async (t) => {
  const first = await run(t);
  const page = await open(t, browser, `${first.url}/#send`, { expected: ["net::ERR"] });
  await page.getByRole("button", { name: "Send PIN" }).click();
  await page.locator("#send-result").getByText("MESSAGE_SENT").waitFor();
  await first.stop();
  await page.getByText("The connection is lost; trying again …").waitFor({ state: "attached" });
  await run(t, { data: first.data, listen: new URL(first.url).host });
  const { key, applicationId, messageId } = await (await fetch(`${first.url}/console/session.json`)).json();
  await fetch(`${first.url}/2fa/1/pin`, {
    method: "POST", headers: { Authorization: `App ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ to: "41793026728", applicationId, messageId }),
  });
  await page.getByRole("link", { name: /^Inbox/ }).click();
  await newest(page).getByText("41793026728").first().waitFor();
  await page.getByText("Live", { exact: true }).waitFor();
  await eventually("messages", () => page.locator(".message:visible").count(), 2);
});

test("of two worlds chosen at once, the last is shown and acted on", async (t) => {
  const url = await serve(t);
  const { key } = await (await fetch(`${url}/console/session.json`)).json();
  const ask = (method, path, as, body) => fetch(url + path, {
    method, body, headers: { Authorization: `App ${as}`, ...(body ? { "Content-Type": "application/json" } : {}) },
  }).then((answer) => answer.json());
  const [slow, quick] = [await ask("POST", "/sandbox/worlds", key, '{"name":"slow"}'), await ask("POST", "/sandbox/worlds", key, '{"name":"quick"}')];
  const page = await open(t, browser, `${url}/#clock`, { expected: [404] });
  await page.route("**/sandbox/seed", async (route) => {
    if (route.request().headers()["pinpost-world"] === slow.worldId) await new Promise((done) => setTimeout(done, 1000));
    await route.continue();
  });
  await page.getByLabel("World").selectOption("slow");
  await page.getByLabel("World").selectOption("quick");
  await page.waitForResponse((answer) => answer.request().headers()["pinpost-world"] === slow.worldId);
  await page.getByRole("button", { name: "+1 hour" }).click();
  await page.getByText("1 h ahead of real time").waitFor();
  assert.equal((await ask("GET", "/sandbox/clock", quick.key)).aheadMs, 3_600_000);
  assert.equal((await ask("GET", "/sandbox/clock", slow.key)).aheadMs, 0);
  await ask("DELETE", `/sandbox/worlds/${quick.worldId}`, key);
  await page.getByText("This world was closed").first().waitFor();
  assert.equal(await page.getByLabel("World").inputValue(), "", "back in the account's own world");
});

test("another account and its worlds", async (t) => {
  const url = await serve(t);
  const page = await open(t, browser, url, { expected: [401] });
  const session = await (await fetch(`${url}/console/session.json`)).json();
  const authorization = { Authorization: `App ${session.key}`, "Content-Type": "application/json" };
  const world = await (await fetch(`${url}/sandbox/worlds`, { method: "POST", headers: authorization, body: '{"name":"test 7"}' })).json();
  await page.reload();
  await page.getByLabel("World").selectOption("test 7");
  await page.getByRole("link", { name: /^Clock/ }).click();
  await page.getByRole("button", { name: "+1 hour" }).click();
  await page.getByText("1 h ahead of real time").waitFor();
  const clock = await (await fetch(`${url}/sandbox/clock`, { headers: { Authorization: `App ${world.key}` } })).json();
  assert.equal(clock.aheadMs, 3_600_000, "the clock of the world that was chosen");

  await page.getByRole("button", { name: /^Key / }).click();
  await page.getByLabel("User").fill(session.user);
  await page.getByLabel("Password").fill("not this");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("dialog").locator(".problem").waitFor();
  await page.getByLabel("Password").fill(session.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("button", { name: session.user }).waitFor();
  const sending = await operation(page, "sendPinOverSms");
  await sending.getByRole("button", { name: "Execute" }).click();
  await sending.locator(".request-panel").getByText(/^Basic /).waitFor();
});
