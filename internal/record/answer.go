package record

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

// answer is what a case wants to be answered.
type answer struct {
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	Body    any               `json:"body"`
}

var (
	challenge = regexp.MustCompile(`^[A-Za-z0-9 ="',._-]{1,100}$`)
	methods   = regexp.MustCompile(`^[A-Z]{3,7}(, ?[A-Z]{3,7})*$`)
	seconds   = regexp.MustCompile(`^[0-9]{1,5}$`)
	word      = regexp.MustCompile(`^[A-Z][A-Z_]{1,60}$`)
	sentence  = regexp.MustCompile(`^[A-Za-z ,.;:'-]{1,100}$`)
	flag      = regexp.MustCompile(`^(true|false)$`)
	msisdn    = regexp.MustCompile(`^[0-9]{4,15}$`)
	millis    = regexp.MustCompile(`[0-9]+ milliseconds`)
)

// answer says what every right service answers, in a replay. Members that the contract does not have are passed over.
func (b *book) answer(x *exchange) (answer, string) {
	a := answer{Status: x.status, Headers: b.answerHeaders(x)}
	var reason string
	if a.Body, reason = b.answerBody(x); reason == "" && x.status >= http.StatusBadRequest {
		a.Body, reason = b.errorObject(x)
	}
	return a, reason
}

// answerHeaders are those that a service cannot choose freely.
func (b *book) answerHeaders(x *exchange) map[string]string {
	headers := map[string]string{}
	for name, form := range map[string]*regexp.Regexp{
		"Content-Type": mediaType, "WWW-Authenticate": challenge, "Preference-Applied": prefer, "Allow": methods,
		"Idempotency-Replayed": flag,
	} {
		if value := x.answered.Get(name); form.MatchString(value) && !run.MatchString(value) {
			headers[name] = value
		}
	}
	if wait, err := strconv.Atoi(x.answered.Get("Retry-After")); err == nil && wait >= 1 && wait <= 86400 {
		headers["Retry-After"] = "{{seconds}}"
	}
	return headers
}

func (b *book) answerBody(x *exchange) (any, string) {
	if !x.ok() {
		return nil, ""
	}
	switch x.operation {
	case "sendPinOverSms", "resendPinOverSms":
		return b.outcome(x, "to", "ncStatus", "smsStatus")
	case "sendPinOverVoice", "resendPinOverVoice":
		return b.outcome(x, "to", "callStatus")
	case "verifyPin":
		return b.checked(x)
	case "getPinStatus":
		return statuses(x.answer)
	case "createApplication", "getApplication", "updateApplication":
		return b.shownApplication(x, x.answer)
	case "createMessage", "getMessage", "updateMessage":
		return b.shownMessage(x, x.answer)
	case "listApplications":
		return each(x, b.shownApplication)
	case "listMessages":
		return each(x, b.shownMessage)
	case "listVerifications":
		if list, ok := x.answer.([]any); ok && len(list) == 0 {
			return list, ""
		}
		return nil, rows
	case "createApiKey":
		if key, ok := x.answer.(string); ok && key != "" {
			return "{{key}}", ""
		}
	}
	return nil, oddAnswer
}

func each(x *exchange, show func(*exchange, any) (any, string)) (any, string) {
	list, ok := x.answer.([]any)
	if !ok {
		return nil, oddAnswer
	}
	shown := make([]any, len(list))
	for i, one := range list {
		var reason string
		if shown[i], reason = show(x, one); reason != "" {
			return nil, reason
		}
	}
	return shown, ""
}

// outcome is what became of a send or a resend.
func (b *book) outcome(x *exchange, names ...string) (any, string) {
	if x.answerText("pinId") == "" {
		return nil, oddAnswer
	}
	body := map[string]any{"pinId": "{{id}}"}
	if x.ids["pin"] != "" || x.repeated() {
		body["pinId"] = "{{pinId}}"
	}
	for _, name := range names {
		text := x.answerText(name)
		switch {
		case name == "to" && msisdn.MatchString(text):
			fake, valid, reason := b.number(text)
			if reason != "" || !valid {
				return nil, oddNumber
			}
			body[name] = fake
		case name != "to" && word.MatchString(text):
			body[name] = text
		default:
			return nil, oddAnswer
		}
	}
	return body, ""
}

func (b *book) checked(x *exchange) (any, string) {
	verified, isFlag := x.answerMember("verified").(bool)
	left, isNumber := x.answerMember("attemptsRemaining").(json.Number)
	to := x.answerText("msisdn")
	fake, valid, reason := b.number(to)
	if !isFlag || !isNumber || !counts(left) || !valid || reason != "" || !msisdn.MatchString(to) {
		return nil, oddAnswer
	}
	body := map[string]any{"pinId": "{{pinId}}", "msisdn": fake, "verified": verified, "attemptsRemaining": left}
	if mistake, there := x.answerMember("pinError").(string); there {
		if !word.MatchString(mistake) {
			return nil, oddAnswer
		}
		body["pinError"] = mistake
	}
	return body, ""
}

func statuses(value any) (any, string) {
	list, ok := value.([]any)
	shown := make([]any, len(list))
	for i, one := range list {
		members, _ := one.(map[string]any)
		status, _ := members["status"].(string)
		description, _ := members["description"].(string)
		final, isFlag := members["finalStatus"].(bool)
		ok = ok && isFlag && word.MatchString(status) && sentence.MatchString(description)
		shown[i] = map[string]any{"status": status, "description": description, "finalStatus": final}
	}
	if !ok {
		return nil, oddAnswer
	}
	return shown, ""
}

func (b *book) shownApplication(x *exchange, value any) (any, string) {
	members, _ := value.(map[string]any)
	id, _ := members["applicationId"].(string)
	shown, ok := b.state(members, settings)
	if !ok || b.applications[id] == nil {
		return nil, oddAnswer
	}
	shown["applicationId"], shown["processId"] = b.applications[id].id, b.applications[id].processID
	if x.operation == "createApplication" {
		shown["applicationId"], shown["processId"] = "{{id}}", "{{id}}"
	}
	limits, _ := members["configuration"].(map[string]any)
	of, _ := shown["configuration"].(map[string]any)
	for _, name := range []string{"initiationThrottlingProlongationFactor", "initiationThrottlingWaitPeriod"} {
		if n, ok := limits[name].(json.Number); ok && counts(n) {
			of[name] = n
		}
	}
	return shown, ambiguous(shown)
}

func (b *book) shownMessage(x *exchange, value any) (any, string) {
	members, _ := value.(map[string]any)
	id, _ := members["messageId"].(string)
	shown, ok := b.state(members, template)
	if !ok || b.messages[id] == nil {
		return nil, oddAnswer
	}
	shown["messageId"], shown["applicationId"] = b.messages[id].id, b.messages[id].of.id
	if x.operation == "createMessage" {
		shown["messageId"] = "{{id}}"
	}
	return shown, ambiguous(shown)
}

// ambiguous refuses a company's texts that a replay would take for placeholders.
func ambiguous(shown map[string]any) string {
	for _, name := range []string{"name", "messageText", "pinPlaceholder", "sender"} {
		if text, _ := shown[name].(string); aPlaceholder.MatchString(text) {
			return placeholder
		}
	}
	return ""
}

// errorObject is the error as the service worded it, unless its words may repeat something.
func (b *book) errorObject(x *exchange) (any, string) {
	envelope, _ := x.answerMember("requestError").(map[string]any)
	exception, _ := envelope["serviceException"].(map[string]any)
	kind, _ := exception["messageId"].(string)
	text, reason := b.wording(x, exception["text"])
	if !word.MatchString(kind) {
		reason = oddAnswer
	}
	shown := map[string]any{"messageId": kind, "text": text}
	if wrong, there := exception["validationErrors"].(map[string]any); there {
		faults := map[string]any{}
		for name, texts := range wrong {
			if !x.names(name) {
				return nil, oddAnswer
			}
			list := []any{}
			for _, one := range elements(texts) {
				said, why := b.wording(x, one)
				if why != "" {
					return nil, why
				}
				list = append(list, said)
			}
			faults[name] = list
		}
		shown["validationErrors"] = faults
	}
	return map[string]any{"requestError": map[string]any{"serviceException": shown}}, reason
}

// names tells whether the contract has a member or parameter of that name in the operation.
func (x *exchange) names(name string) bool {
	inner, nested := strings.CutPrefix(name, "configuration.")
	return x.shape.members[name] != 0 || x.shape.query[name] != 0 || nested && configuration[inner] != 0 ||
		name == "Idempotency-Key" || name == "Prefer"
}

// wording is a text for people. Where it may repeat what somebody sent, it is not recorded.
func (b *book) wording(x *exchange, value any) (string, string) {
	text, ok := value.(string)
	if !ok || text == "" || len(text) > 1000 {
		return "", oddAnswer
	}
	if aPlaceholder.MatchString(text) {
		return "", placeholder
	}
	if plain := millis.ReplaceAllString(text, ""); b.text(plain) != plain {
		return "", secret
	}
	for _, own := range append(x.secrets(), x.typed(), x.member("to"), strings.TrimPrefix(x.member("to"), "+"), x.query.Get("msisdn")) {
		if len(own) >= 3 && strings.Contains(text, own) {
			return "", secret
		}
	}
	if p := x.ids["pin"]; p != "" && strings.Contains(text, p) {
		return "", oddAnswer
	}
	for _, id := range []string{x.ids["application"], x.ids["message"], x.member("applicationId"), x.member("messageId")} {
		if len(id) >= leastSecret {
			text = strings.ReplaceAll(text, id, b.id(id))
		}
	}
	if wait := x.answered.Get("Retry-After"); seconds.MatchString(wait) {
		text = strings.ReplaceAll(text, " "+wait+" seconds", " {{seconds}} seconds")
	}
	return text, ""
}
