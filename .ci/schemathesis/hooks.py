"""What the contract says in words, for the data that Schemathesis makes of the contract's schemas.

A schema cannot say that a phone number is possible, or that a text has its placeholder in it. Where a request is meant to
be right, its members are made to follow these words too. Requests that are meant to be wrong are left alone.
"""

import os
import zlib

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

# The last two digits are free: each outcome has a hundred numbers. See docs/sandbox.md.
NUMBERS = [
    "417930267",  # any number: limits count
    "336399800",  # reached, and exempt from limits, as are all that follow
    "336399802",  # not reachable
    "336399804",  # refused
    "336399808",  # accepted
    "336399818",  # the PIN is 12345678, cut to its length
    "336399819",  # the PIN is expired
    "336399820",  # the PIN has no attempts left
    "336399821",  # busy
]
SENDERS = ["Infobip 2FA", "41793026727", "+41793026727", "Größe é", "A"]


# What removes everything does so in a world of its own, so that there is something left for the others to read.
REMOVALS = {("DELETE", "/sandbox/inbox"), ("POST", "/sandbox/reset")}


def pick(values, drawn):
    """The same drawn value always gets the same pick, so that a case can be replayed."""
    return values[zlib.crc32(repr(drawn).encode()) % len(values)]


def phone_number(drawn):
    plus = "+" if drawn.startswith("+") else ""
    return plus + pick(NUMBERS, drawn) + f"{zlib.crc32(drawn.encode()) % 100:02}"


def named(body):
    """A name that is more than spaces."""
    if isinstance(body.get("name"), str):
        body["name"] = body["name"].strip() or "name"


def template(body):
    """A text that has its placeholder in it once, no control characters, and fits into ten parts."""
    if not isinstance(body.get("messageText"), str) and not isinstance(body.get("pinPlaceholder"), str):
        return
    placeholder = "".join(c for c in body.get("pinPlaceholder") or "<pin>" if c.isprintable()).strip() or "<pin>"
    text = "".join(c for c in body.get("messageText") or "" if c.isprintable())
    body["pinPlaceholder"] = placeholder
    body["messageText"] = text.replace(placeholder, "")[:250] + placeholder


def fault(body):
    """Exactly one of count and share, and a delay with the effect DELAY only."""
    delays = body.get("effect") == "DELAY"
    body["delayMs"] = body.get("delayMs") or 1 if delays else None
    if (body.get("count") is None) == (body.get("share") is None):
        body["count"], body["share"] = 1, None


def seed(body):
    """Ids that are there once, of the letters that the pattern means, and templates that are whole."""
    for i, application in enumerate(body.get("applications") or []):
        application["applicationId"] = f"application-{i}"
        named(application)
        for j, message in enumerate(application.get("messages") or []):
            message["messageId"] = f"message-{i}-{j}"
            message["sender"] = pick(SENDERS, message["sender"])
            template(message)


def wait(case):
    """A wait names the message it is for. Here none lasts longer than a second, also where another parameter is wrong."""
    query = case.query if case.query is not None else {}
    if str(query.get("timeout", 30)).isdecimal() and 1 <= int(query.get("timeout", 30)) <= 60:
        query["timeout"] = 1
    if right(case) and not {"to", "pinId", "applicationId", "after"} & set(query):
        query["to"] = NUMBERS[1] + "01"
    case.query = query


def right(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context, case, kwargs):
    if (case.method, case.path) in REMOVALS:
        case.headers = {"Pinpost-World": os.environ["WORLD"], **(case.headers or {})}
    if case.path == "/sandbox/inbox/wait":
        wait(case)
    if not right(case):
        return
    key = (case.headers or {}).get("Idempotency-Key")
    if isinstance(key, str) and len(key) < 200:  # the contract's example stands in many requests, which a key must not
        case.headers["Idempotency-Key"] = f"{key}-{zlib.crc32(repr((case.formatted_path, case.query, case.body)).encode())}"
    query, body = case.query or {}, case.body
    for member in ("msisdn", "to"):
        if isinstance(query.get(member), str):
            query[member] = phone_number(query[member])
    if (case.method, case.path) == ("GET", "/sandbox/inbox") and pick([True, False], sorted(query.items())):
        for member in {"to", "pinId", "applicationId", "since", "after", "before"} & set(query):
            del query[member]  # or hardly any page would have a message
    if not isinstance(body, dict):
        return
    if isinstance(body.get("to"), str):
        body["to"] = phone_number(body["to"])
    for member in ("from", "sender"):
        if isinstance(body.get(member), str):
            body[member] = pick(SENDERS, body[member])
    if isinstance(body.get("pin"), str):
        length = zlib.crc32(body["pin"].encode()) % 9
        body["pin"] = "12345678"[:length] or body["pin"]
    named(body)
    template(body)
    if case.path == "/sandbox/faults":
        fault(body)
    if case.path == "/sandbox/clock":
        body["advanceMs"] %= 1_000_000  # ten years are the most that a clock is ahead, over all moves
        body["advanceMs"] += 1
    seed(body)
    if isinstance(body.get("seed"), dict):
        seed(body["seed"])
        body["keepApplications"] = False


# Where the state can refuse a right request: the application is disabled, or the PIN is expired or used up.
SENDS = {"sendPinOverSms", "sendPinOverVoice", "resendPinOverSms", "resendPinOverVoice"}


def says_nothing(failure, case):
    """The body is null, and may be left out: the contract says in words that these are the same, because clients of some
    generators send null where there is no body. Its schema leaves null out, or the same generators would make bad types."""
    body = case.operation.definition.raw.get("requestBody", {})
    if "$ref" in body:
        body = case.operation.schema.raw_schema["components"]["requestBodies"][body["$ref"].rpartition("/")[2]]
    return isinstance(failure, AcceptedNegativeData) and case.body is None and not body.get("required", False)


def refused_by_state(failure, case, response):
    """A right send or resend is refused, the contract declares this very answer as an example, and the answer blames no
    member. Nothing in a schema can keep it from being made: whether it is refused depends on what was done before."""
    operation = case.operation.definition.raw
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400 or operation["operationId"] not in SENDS:
        return False
    answer = response.json()
    if "validationErrors" in answer["requestError"]["serviceException"]:
        return False
    name = operation["responses"]["400"]["$ref"].rpartition("/")[2]
    declared = case.operation.schema.raw_schema["components"]["responses"][name]["content"]["application/json"]["examples"]
    return answer in [example["value"] for example in declared.values()]


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Lets these pass."""
    return not says_nothing(failure, case) and not refused_by_state(failure, case, response)
