package server_test

import (
	"strconv"
	"strings"
)

// pathAttacks are paths that are almost those of the contract.
func pathAttacks() []attack {
	ids := map[string]string{
		"a phone number": secretPhone, "a PIN": secretAlpha, "a NUL": "%00", "an id with a NUL": appID + "%00", "bad UTF-8": "%FF%FE",
		"raw bad UTF-8": "\xff\xfe", "a line break": "%0d%0aX-Pin:%20" + secretPIN, "an escaped slash": appID + "%2Fverifications",
		"an escaped slash in front": "%2F" + appID, "an escaped slash behind": appID + "%2F", "an escaped slash and a slash behind": appID + "%2F/",
		"a backslash": appID + "\\..", "an escaped backslash": "%5c" + appID, "a parameter": appID + ";v=" + secretPIN, "a space": appID + "%20",
		"a plus": appID + "+", "an escaped dot": "%2e", "two escaped dots": "%2e%2e", "small letters": strings.ToLower(appID), "an emoji": "🔑",
		"an escaped emoji": "%F0%9F%94%91", "ten thousand letters": strings.Repeat("x", 10000), "a star": "*", "a name of a route": ":applicationId",
		"a template": "{applicationId}", "SQL": "'%20OR%20'1'='1", "a comma": appID + "," + appID, "doubly escaped": "%2538" + appID[1:],
		"an escaped percent": "%25", "a dot": ".", "two dots": "..", "a full-width digit": "８" + appID[1:], "a direction mark": "%E2%80%AE" + appID,
		"another account's id": "E1671797C52E15F763380B45E841EC32", "a question mark": appID + "%3F", "a hash": "%23",
	}
	var attacks []attack
	for name, id := range ids {
		attacks = append(attacks,
			attack{name: "an application that is " + name, request: get(appsPath + "/" + id), status: 404},
			attack{name: "a message that is " + name, request: get(messagesPath + "/" + id), status: 404},
			attack{name: "a PIN to check that is " + name, request: post("/2fa/1/pin/"+id+"/verify", `{"pin":"`+secretPIN+`"}`), status: 404},
			attack{name: "a PIN to resend that is " + name, request: post("/2fa/1/pin/"+id+"/resend", ""), status: 404},
			attack{name: "a PIN to ask for that is " + name, request: get("/2fa/1/pin/" + id + "/status"), status: 404},
		)
	}
	lost := map[string]string{
		"nothing": "/nothing", "another version": "/2fa/2/pin", "no version": "/2fa/pin", "two slashes in front": "/" + appPath,
		"two slashes within": "/2fa//1/applications", "a dot within": "/2fa/./1/applications", "two dots within": "/2fa/1/../1/applications",
		"escaped dots within": "/2fa/1/%2e%2e/1/applications", "an escaped slash within": "/2fa%2F1/applications",
		"an escaped slash behind": appsPath + "%2F", "upper case": "/2FA/1/APPLICATIONS", "one letter in upper case": "/2fa/1/Applications",
		"a backslash": "/2fa\\1\\applications", "a suffix": appsPath + ".json", "a parameter": appsPath + ";jsessionid=" + secretPIN,
		"a NUL": appsPath + "%00", "a space": appsPath + "%20", "an escaped letter": "/2fa/1/%61pplications",
		"a phone number": "/" + secretPhone, "a PIN": "/2fa/1/" + secretAlpha, "the inside": "/debug/pprof/", "git": "/.git/config",
		"a file of the system": "/../../etc/passwd", "an escaped file of the system": "/%2e%2e/%2e%2e/etc/passwd", "metrics that are off": "/metrics",
	}
	for name, target := range lost {
		attacks = append(attacks,
			attack{name: "GET " + name, request: get(target), status: 404},
			attack{name: "POST " + name, request: post(target, `{"to":"`+secretPhone+`"}`), status: 404},
		)
	}
	return append(attacks,
		attack{name: "a slash behind", request: get(appPath + "/"), status: 200},
		attack{name: "a slash behind and a query", request: get(appsPath + "/?x=" + secretPIN), status: 200},
		attack{name: "two slashes behind", request: get(appsPath + "//"), status: 404},
		attack{name: "an id with an escaped letter", request: get(appsPath + "/%38" + appID[1:]), status: 200},
		attack{name: "an id with an escaped letter and a slash behind", request: get(appsPath + "/%38" + appID[1:] + "/"), status: 200},
		attack{name: "an escaped slash behind an id with an escaped letter", request: get(appsPath + "/%38" + appID[1:] + "%2F"), status: 404},
		attack{name: "a path too long", request: get(messagePath + "/" + secretPhone), status: 404},
		attack{name: "a path far too long", request: get(messagePath + strings.Repeat("/"+secretPhone, 1000)), status: 404},
		attack{name: "no id of a PIN to check", request: post("/2fa/1/pin//verify", `{"pin":"`+secretPIN+`"}`), status: 400, member: "pinId"},
		attack{name: "no id of an application", request: get(appsPath + "//messages"), status: 400, member: "applicationId"},
	)
}

// queryAttacks are query strings that readers do not agree about.
func queryAttacks() []attack {
	rows := func(name, query string, status int, member string) attack {
		return attack{name: name, request: get(rowsPath + "?" + query), status: status, member: member}
	}
	send := func(name, query string, status int, member string) attack {
		body := sendBody("to", `"`+secretPhone+`"`)
		if status == 404 {
			body = sendBody("messageId", `"`+secretPhone+`"`) // so that nothing is sent by what is allowed
		}
		return attack{name: name, request: post(sendPath+"?"+query, body), status: status, member: member}
	}
	attacks := []attack{
		rows("a broken escape", "msisdn=%zz"+secretPhone, 400, ""), rows("half an escape", "msisdn=%4", 400, ""),
		rows("a broken escape in a name", "%zz=1", 400, ""), rows("a semicolon", "verified=true;sent=true", 400, ""),
		rows("a semicolon in another parameter", "verified=true&x=;"+secretPhone, 400, ""), rows("a number twice", "msisdn="+secretPhone+"&msisdn="+secretPhone, 400, "msisdn"),
		rows("a flag twice", "verified=true&verified=true", 400, "verified"), rows("a flag twice, once by an escape", "verified=true&%76erified=false", 400, "verified"),
		rows("a number without a value", "msisdn=", 400, "msisdn"), rows("a number without a sign", "msisdn", 400, "msisdn"),
		rows("a plus that is a space", "msisdn=+"+secretPhone, 200, ""), rows("a number in quotes", "msisdn=%22"+secretPhone+"%22", 400, "msisdn"),
		rows("a number with a NUL", "msisdn="+secretPhone+"%00", 400, "msisdn"), rows("bad UTF-8", "msisdn=%ff%fe", 400, "msisdn"),
		rows("raw bad UTF-8", "msisdn=\xff\xfe", 400, "msisdn"), rows("both wrong", "msisdn="+secretAlpha+"&sent="+secretPIN, 400, "sent"),
		rows("a number of ten thousand digits", "msisdn="+strings.Repeat("4", 10000), 400, "msisdn"),
		rows("a query of twelve thousand letters", strings.Repeat("x", 12000), 200, ""),
		rows("a query of thirty thousand letters", strings.Repeat("x", 30000), 431, ""),
		rows("parameters that nobody has", "a[b]=1&"+secretAlpha+"="+secretPhone, 200, ""), rows("a question mark more", "?verified=yes", 200, ""),
		rows("three thousand parameters", strings.Repeat("a&", 3000), 200, ""), rows("ampersands alone", strings.Repeat("&", 3000), 200, ""),
		rows("a number that is well", "msisdn=%2B"+secretPhone, 200, ""),
		send("a lookup that is wanted twice", "ncNeeded=true&ncNeeded=false", 400, "ncNeeded"), send("a semicolon in a send", "ncNeeded=false;x", 400, ""),
		send("a parameter of another case", "NCNEEDED="+secretPIN, 404, ""), send("a number in the query", "to="+secretPhone, 404, ""),
	}
	for _, flag := range []string{"1", "0", "TRUE", "True", "t", "yes", "on", "", "null", "true%20", "%20true", "true%00", "\"true\"", secretPIN, secretAlpha} {
		attacks = append(attacks, rows("a flag that is "+strconv.Quote(flag), "verified="+flag, 400, "verified"),
			send("a lookup that is "+strconv.Quote(flag), "ncNeeded="+flag, 400, "ncNeeded"))
	}
	return attacks
}
