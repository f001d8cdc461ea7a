import os
from typing import TypeVar

from pinpost_client import AuthenticatedClient, models
from pinpost_client.api.application import create_application
from pinpost_client.api.message import create_message
from pinpost_client.api.pin import get_pin_status, resend_pin_over_sms, resend_pin_over_voice, send_pin_over_sms, verify_pin

T = TypeVar("T")


def expect(kind: type[T], answer: object) -> T:
    assert isinstance(answer, kind), f"{kind.__name__} expected, not {answer}"
    return answer


url, key = os.environ["PINPOST_URL"], os.environ["PINPOST_KEY"]
client = AuthenticatedClient(url, token=key, prefix="App")

request = models.SendPinOverSmsRequest("33639980073", os.environ["PINPOST_APPLICATION"], os.environ["PINPOST_MESSAGE"])
pin_id = expect(models.SmsPinResponse, send_pin_over_sms.sync(client=client, body=request)).pin_id
inbox = client.get_httpx_client().get("/sandbox/inbox/wait", params={"pinId": pin_id, "timeout": 4})
pin = inbox.raise_for_status().json()["pin"]
again = expect(models.SmsPinResponse, resend_pin_over_sms.sync(pin_id, client=client))
assert again.sms_status == models.SmsStatus.SENT, again
spoken = expect(models.VoicePinResponse, resend_pin_over_voice.sync(pin_id, client=client))
assert spoken.call_status == models.CallStatus.PROCESSED, spoken

wrong = expect(models.VerifyPinResponse, verify_pin.sync(pin_id, client=client, body=models.VerifyPinRequest("wrong")))
assert not wrong.verified and wrong.pin_error == models.PinError.WRONG_PIN and wrong.attempts_remaining == 9, wrong
right = expect(models.VerifyPinResponse, verify_pin.sync(pin_id, client=client, body=models.VerifyPinRequest(pin)))
assert right.verified, right

stranger = AuthenticatedClient(url, token="wrong", prefix="App")
refused = expect(models.ErrorObject, get_pin_status.sync(pin_id, client=stranger)).request_error.service_exception
assert refused.message_id == models.ErrorKind.UNAUTHORIZED, refused
unknown = expect(models.ErrorObject, get_pin_status.sync("unknown", client=client)).request_error.service_exception
assert unknown.message_id == models.ErrorKind.RESOURCE_NOT_FOUND, unknown

one_send = models.CreateApplicationRequest("One send a day", configuration=models.ConfigurationInput(initiation_attempts=1))
strict = expect(models.Application, create_application.sync(client=client, body=one_send)).application_id
text = models.CreateMessageRequest(models.PinType.NUMERIC, "<pin>", "PIN <pin>", 6, "Shop")
made = expect(models.Message, create_message.sync(strict, client=client, body=text)).message_id
request = models.SendPinOverSmsRequest("33199000073", strict, made)
expect(models.SmsPinResponse, send_pin_over_sms.sync(client=client, body=request))
too_many = send_pin_over_sms.sync_detailed(client=client, body=request)
limit = expect(models.ErrorObject, too_many.parsed).request_error.service_exception
assert limit.message_id == models.ErrorKind.THROTTLE_EXCEPTION, limit
assert int(too_many.headers["Retry-After"]) > 0, too_many.headers
print("ok: python")
