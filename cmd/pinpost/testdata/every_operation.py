"""Calls every operation with the generated client, and meets the common errors. What is answered is not looked at: that is the
business of the proxy in between, which some of the answers are wrong for."""

import os
import sys

from pinpost_client import AuthenticatedClient, Client, models
from pinpost_client.api.api_key import create_api_key
from pinpost_client.api.application import create_application, get_application, list_applications, update_application
from pinpost_client.api.message import create_message, get_message, list_messages, update_message
from pinpost_client.api.pin import (
    get_pin_status,
    resend_pin_over_sms,
    resend_pin_over_voice,
    send_pin_over_sms,
    send_pin_over_voice,
    verify_pin,
)
from pinpost_client.api.verification import list_verifications

url, application, message = os.environ["PINPOST_URL"], os.environ["PINPOST_APPLICATION"], os.environ["PINPOST_MESSAGE"]
unknown = "0" * 32
client = AuthenticatedClient(url, token=os.environ["PINPOST_KEY"], prefix="App")
calls = 0


def call(operation, *args, by=client, **members):
    global calls
    calls += 1
    try:
        return operation.sync(*args, client=by, **members)
    except Exception as e:  # an answer that is wrong may not be readable
        print(operation.__name__, "raises", type(e).__name__, e, file=sys.stderr)


def pin_of(answer):
    return getattr(answer, "pin_id", None) or unknown


send = models.SendPinOverSmsRequest("33199000081", application, message)
call(send_pin_over_sms, by=Client(url), body=send)
pin = pin_of(call(send_pin_over_sms, body=send))
for _ in range(3):  # the application takes three for one number
    call(send_pin_over_sms, body=send)
call(send_pin_over_voice, body=models.SendPinOverVoiceRequest("33199000082", application, message))
call(resend_pin_over_sms, pin)
call(resend_pin_over_voice, pin)
call(verify_pin, pin, body=models.VerifyPinRequest("wrong"))
call(verify_pin, unknown, body=models.VerifyPinRequest("wrong"))
call(get_pin_status, pin)
call(list_verifications, application, msisdn="33199000081")

call(create_application, body=models.CreateApplicationRequest("Made by Python"))
call(list_applications)
call(get_application, application)
call(get_application, unknown)
call(update_application, application, body=models.UpdateApplicationRequest(name="Changed by Python"))
text = models.CreateMessageRequest(models.PinType.NUMERIC, "<pin>", "PIN <pin>", 6, "Shop")
call(create_message, application, body=text)
call(create_message, application, body=models.CreateMessageRequest(models.PinType.NUMERIC, "<pin>", "no placeholder", 6, "Shop"))
call(list_messages, application)
call(get_message, application, message)
call(update_message, application, message, body=models.UpdateMessageRequest(sender="Changed"))

user = Client(url).with_headers({"Authorization": os.environ["BASIC"]})
call(create_api_key, by=user)
print(calls, "calls")
