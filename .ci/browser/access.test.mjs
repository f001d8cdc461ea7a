// Everybody can use the console: no violation that axe finds, in no state, theme or width; no sideways scrolling; all by
// keyboard.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, execute, launch, newest, open, operation, serve } from "./house.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const theme of ["light", "dark"]) {
  for (const width of [360, 800, 1440]) {
    test(`no violation: ${theme}, ${width} pixels`, async (t) => {
      const url = await serve(t);
      const page = await open(t, browser, url, { theme, width });
      await page.getByText("Nothing has come yet.").waitFor();
      await accessible(page, "empty inbox");
      await page.goto(`${url}/#reference`);
      await page.locator(".about summary").click();
      await execute(await operation(page, "sendPinOverSms"), 200);
      await operation(page, "verifyPin");
      await operation(page, "listVerifications");
      await accessible(page, "reference with an answer");
      await page.getByLabel("Contract").selectOption("Sandbox API");
      await operation(page, "listCapturedMessages");
      await accessible(page, "reference of the sandbox");
      await page.locator(".authorize").first().click();
      await page.getByRole("heading", { name: "Available authorizations" }).waitFor();
      await accessible(page, "authorizations");
      await page.locator(".close-modal").click();
      await page.goto(`${url}/#inbox`);
      await newest(page).locator(".status", { hasText: "MESSAGE_DELIVERED" }).waitFor();
      await accessible(page, "inbox");
      await page.goto(`${url}/#send`);
      await page.getByLabel("Outcome").selectOption("slow");
      await page.getByRole("button", { name: "Send PIN" }).click();
      await page.getByText("Sending …").waitFor();
      await accessible(page, "sending");
      await page.locator("#send-result").getByText("MESSAGE_SENT").waitFor();
      await accessible(page, "scenarios");
      await page.goto(`${url}/#faults`);
      await page.getByRole("button", { name: "Plan fault" }).click();
      await page.getByText("The next call answers 503.").waitFor();
      await accessible(page, "faults");
      await page.goto(`${url}/#clock`);
      await page.getByRole("button", { name: "+1 hour" }).click();
      await page.getByText("1 h ahead of real time").waitFor();
      await accessible(page, "clock");
      await page.getByRole("button", { name: /^Key / }).click();
      await accessible(page, "who calls");
    });
  }
}

test("by keyboard alone", async (t) => {
  const page = await open(t, browser, await serve(t));
  await page.getByText("Nothing has come yet.").waitFor();
  const press = async (key, until) => {
    for (let i = 0; i < 200; i++) {
      await page.keyboard.press(key);
      if (await page.evaluate(until)) return;
    }
    assert.fail(`${key} never leads to ${until}`);
  };
  await press("Tab", "document.activeElement.textContent.startsWith('Scenarios')");
  await page.keyboard.press("Enter");
  await press("Tab", "document.activeElement.id === 'send-go'");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.notEqual(outline, "none", "the focus is seen");
  await page.keyboard.press("Enter");
  await page.locator("#send-result").getByText("MESSAGE_SENT").waitFor();
  await press("Shift+Tab", "document.activeElement.textContent.startsWith('Inbox')");
  await page.keyboard.press("Enter");
  await press("Tab", "document.activeElement.textContent === 'Copy PIN'");
  await page.keyboard.press("Enter");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, await newest(page).locator(".pin code").innerText());
  assert.match(await page.locator("#announcer").innerText(), /Copied/);
});

test("the theme is the system's, or the one chosen", async (t) => {
  const page = await open(t, browser, await serve(t), { theme: "dark" });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  assert.equal(await theme(), "dark");
  await page.getByRole("button", { name: "Dark" }).click();
  assert.equal(await theme(), "light");
  await page.reload();
  assert.equal(await theme(), "light");
});
