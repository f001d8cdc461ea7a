import static org.junit.jupiter.api.Assertions.*;

import java.net.URI;
import java.net.http.*;
import org.junit.jupiter.api.function.Executable;
import pinpost.*;
import pinpost.model.*;

public class Main {
  public static void main(String[] args) throws Exception {
    var client = as(System.getenv("PINPOST_KEY"));
    var pins = new PinApi(client);
    var sms = new SendPinOverSmsRequest().to("33639980074")
        .applicationId(System.getenv("PINPOST_APPLICATION")).messageId(System.getenv("PINPOST_MESSAGE"));
    var pinId = pins.sendPinOverSms(sms, null, null).getPinId();
    var inbox = HttpRequest.newBuilder(URI.create(client.getBaseUri() + "/sandbox/inbox/wait?pinId=" + pinId));
    client.getRequestInterceptor().accept(inbox);
    var captured = client.getHttpClient().send(inbox.build(), HttpResponse.BodyHandlers.ofString()).body();
    var pin = client.getObjectMapper().readTree(captured).required("pin").asText();
    assertEquals(SmsStatus.Sent, pins.resendPinOverSms(pinId, null, null).getSmsStatus());
    assertEquals(CallStatus.Processed, pins.resendPinOverVoice(pinId, null, null, null).getCallStatus());

    var wrong = pins.verifyPin(pinId, new VerifyPinRequest().pin("wrong"));
    assertFalse(wrong.getVerified());
    assertEquals(PinError.WrongPin, wrong.getPinError());
    assertEquals(9, wrong.getAttemptsRemaining());
    assertTrue(pins.verifyPin(pinId, new VerifyPinRequest().pin(pin)).getVerified());

    assertRefused(ErrorKind.Unauthorized, () -> new PinApi(as("wrong")).getPinStatus(pinId));
    assertRefused(ErrorKind.ResourceNotFound, () -> pins.getPinStatus("unknown"));

    var oneSend = new ConfigurationInput().initiationAttempts(1);
    var named = new CreateApplicationRequest().name("One send a day").configuration(oneSend);
    var strict = new ApplicationApi(client).createApplication(named);
    var text = new CreateMessageRequest()
        .pinType(PinType.Numeric).pinPlaceholder("<pin>").messageText("PIN <pin>").pinLength(6).sender("Shop");
    var made = new MessageApi(client).createMessage(strict.getApplicationId(), text);
    sms.to("33199000074").applicationId(made.getApplicationId()).messageId(made.getMessageId());
    pins.sendPinOverSms(sms, null, null);
    var tooMany = assertRefused(ErrorKind.ThrottleException, () -> pins.sendPinOverSms(sms, null, null));
    assertTrue(tooMany.getResponseHeaders().firstValueAsLong("Retry-After").getAsLong() > 0);
    System.out.println("ok: java");
  }

  static ApiClient as(String key) {
    var client = new ApiClient();
    client.updateBaseUri(System.getenv("PINPOST_URL"));
    return client.setRequestInterceptor(request -> request.header("Authorization", "App " + key));
  }

  static ApiException assertRefused(ErrorKind kind, Executable call) throws Exception {
    var refusal = assertThrows(ApiException.class, call);
    var error = new ApiClient().getObjectMapper().readValue(refusal.getResponseBody(), ErrorObject.class);
    assertEquals(kind, error.getRequestError().getServiceException().getMessageId());
    return refusal;
  }
}
