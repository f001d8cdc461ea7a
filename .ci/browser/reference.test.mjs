// In production there is the reference alone, and only when asked for.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessible, execute, launch, open, operation, serve } from "./house.mjs";

let browser;
before(async () => { browser = await launch(); });
after(() => browser.close());

for (const theme of ["light", "dark"]) {
  for (const width of [360, 1440]) {
    test(`production with --reference: ${theme}, ${width} pixels`, async (t) => {
      const page = await open(t, browser, await serve(t, "--mode", "production", "--reference"), { theme, width, expected: [401] });
      const block = await operation(page, "sendPinOverSms");
      const refused = await execute(block, 401);
      assert.equal(refused.requestError.serviceException.messageId, "UNAUTHORIZED");
      assert.doesNotMatch(await page.content(), /sandbox/i, "nothing of the sandbox is linked or listed");
      await accessible(page, "refused");
    });
  }
}

test("a bare key that a person types gets its prefix", async (t) => {
  const page = await open(t, browser, await serve(t, "--mode", "production", "--reference"), { expected: [401] });
  await page.locator(".authorize").first().click();
  await page.locator(".auth-container").first().getByRole("textbox").fill("some-key");
  await page.locator(".auth-container").first().getByRole("button", { name: "Authorize" }).click();
  await page.locator(".close-modal").click();
  const block = await operation(page, "sendPinOverSms");
  await execute(block, 401);
  await block.locator(".request-panel").getByText("App some-key").waitFor();
});

test("production without it shows nothing", async (t) => {
  const url = await serve(t, "--mode", "production");
  for (const path of ["/", "/assets/console.js", "/assets/swagger-ui-bundle.js", "/console/session.json"]) {
    assert.equal((await fetch(url + path)).status, 404, path);
  }
});
