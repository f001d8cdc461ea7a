import { equal, ok } from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/pinpost.js";

const { PINPOST_URL: baseUrl, PINPOST_KEY: key, PINPOST_APPLICATION: applicationId, PINPOST_MESSAGE: messageId } = process.env;
ok(baseUrl && key && applicationId && messageId, "PINPOST_URL, _KEY, _APPLICATION and _MESSAGE must be set");
const headers = { Authorization: `App ${key}` };
const pinpost = createClient<paths>({ baseUrl, headers });
const kind = (answer: { error?: components["schemas"]["ErrorObject"] }) => answer.error?.requestError.serviceException.messageId;

const sent = await pinpost.POST("/2fa/1/pin", { body: { to: "33639980071", applicationId, messageId } });
ok(sent.data, `the PIN was not sent: ${kind(sent)}`);
const inbox = await fetch(`${baseUrl}/sandbox/inbox/wait?pinId=${sent.data.pinId}`, { headers });
const { pin } = (await inbox.json()) as { pin: string };
const params = { path: { pinId: sent.data.pinId } };
const again = await pinpost.POST("/2fa/1/pin/{pinId}/resend", { params });
equal(again.data?.smsStatus, "MESSAGE_SENT");
const spoken = await pinpost.POST("/2fa/1/pin/{pinId}/resend/voice", { params });
equal(spoken.data?.callStatus, "PROCESSED");

const wrong = await pinpost.POST("/2fa/1/pin/{pinId}/verify", { params, body: { pin: "wrong" } });
equal(wrong.data?.verified, false);
equal(wrong.data.pinError, "WRONG_PIN");
equal(wrong.data.attemptsRemaining, 9);
const right = await pinpost.POST("/2fa/1/pin/{pinId}/verify", { params, body: { pin } });
equal(right.data?.verified, true);

const stranger = createClient<paths>({ baseUrl, headers: { Authorization: "App wrong" } });
equal(kind(await stranger.GET("/2fa/1/pin/{pinId}/status", { params })), "UNAUTHORIZED");
equal(kind(await pinpost.GET("/2fa/1/pin/{pinId}/status", { params: { path: { pinId: "unknown" } } })), "RESOURCE_NOT_FOUND");

const oneSend = { name: "One send a day", configuration: { initiationAttempts: 1 } };
const strict = await pinpost.POST("/2fa/1/applications", { body: oneSend });
ok(strict.data, `no application was made: ${kind(strict)}`);
const path = { applicationId: strict.data.applicationId };
const text = { pinType: "NUMERIC", pinPlaceholder: "<pin>", messageText: "PIN <pin>", pinLength: 6, sender: "Shop" } as const;
const made = await pinpost.POST("/2fa/1/applications/{applicationId}/messages", { params: { path }, body: text });
ok(made.data, `no message was made: ${kind(made)}`);
const body = { to: "33199000071", applicationId: path.applicationId, messageId: made.data.messageId };
equal((await pinpost.POST("/2fa/1/pin", { body })).response.status, 200);
const tooMany = await pinpost.POST("/2fa/1/pin", { body });
equal(kind(tooMany), "THROTTLE_EXCEPTION");
ok(Number(tooMany.response.headers.get("Retry-After")) > 0, "Retry-After is not a number of seconds");
console.log("ok: typescript, openapi-fetch");
