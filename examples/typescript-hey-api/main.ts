import { equal, ok } from "node:assert/strict";
import { createClient } from "./generated/client/index.js";
import * as pinpost from "./generated/index.js";

const { PINPOST_URL: baseUrl, PINPOST_KEY: key, PINPOST_APPLICATION: applicationId, PINPOST_MESSAGE: messageId } = process.env;
ok(baseUrl && key && applicationId && messageId, "PINPOST_URL, _KEY, _APPLICATION and _MESSAGE must be set");
const headers = { Authorization: `App ${key}` };
const client = createClient({ baseUrl, headers });
const kind = (answer: { error?: pinpost.ErrorObject }) => answer.error?.requestError.serviceException.messageId;

const sent = await pinpost.sendPinOverSms({ client, body: { to: "33639980072", applicationId, messageId } });
ok(sent.data, `the PIN was not sent: ${kind(sent)}`);
const inbox = await fetch(`${baseUrl}/sandbox/inbox/wait?pinId=${sent.data.pinId}`, { headers });
const { pin } = (await inbox.json()) as { pin: string };
const path = { pinId: sent.data.pinId };
const again = await pinpost.resendPinOverSms({ client, path });
equal(again.data?.smsStatus, "MESSAGE_SENT");
const spoken = await pinpost.resendPinOverVoice({ client, path });
equal(spoken.data?.callStatus, "PROCESSED");

const wrong = await pinpost.verifyPin({ client, path, body: { pin: "wrong" } });
equal(wrong.data?.verified, false);
equal(wrong.data.pinError, "WRONG_PIN");
equal(wrong.data.attemptsRemaining, 9);
const right = await pinpost.verifyPin({ client, path, body: { pin } });
equal(right.data?.verified, true);

const stranger = createClient({ baseUrl, headers: { Authorization: "App wrong" } });
equal(kind(await pinpost.getPinStatus({ client: stranger, path })), "UNAUTHORIZED");
equal(kind(await pinpost.getPinStatus({ client, path: { pinId: "unknown" } })), "RESOURCE_NOT_FOUND");

const oneSend = { name: "One send a day", configuration: { initiationAttempts: 1 } };
const strict = await pinpost.createApplication({ client, body: oneSend, throwOnError: true });
const { applicationId: limited } = strict.data;
const text = { pinType: "NUMERIC", pinPlaceholder: "<pin>", messageText: "PIN <pin>", pinLength: 6, sender: "Shop" } as const;
const made = await pinpost.createMessage({ client, path: { applicationId: limited }, body: text, throwOnError: true });
const body = { to: "33199000072", applicationId: limited, messageId: made.data.messageId };
await pinpost.sendPinOverSms({ client, body, throwOnError: true });
const tooMany = await pinpost.sendPinOverSms({ client, body });
equal(kind(tooMany), "THROTTLE_EXCEPTION");
ok(Number(tooMany.response?.headers.get("Retry-After")) > 0, "Retry-After is not a number of seconds");
console.log("ok: typescript, hey-api");
