package server_test

import (
	"encoding/base64"
	"strings"
)

// credentialAttacks are credentials that nobody has. The paths tell which operation is asked for; no answer may tell more
// than that.
func credentialAttacks() []attack {
	encoded := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	const user = "2fa-user:a password of a user"
	attacks := []attack{{name: "none", request: plain("GET", appPath), status: 401}}
	for name, value := range map[string]string{
		"empty": "", "spaces": "   ", "a key without a scheme": goodKey, "a scheme without a key": "App", "a scheme and a space": "App ",
		"a scheme of nobody": secretAlpha + " " + goodKey, "bearer": "Bearer " + goodKey, "digest": `Digest username="` + secretPhone + `"`,
		"IBSSO": "IBSSO " + goodKey, "the prefix twice": "App App " + goodKey, "both prefixes": "Basic App " + goodKey, "a tab": "App\t" + goodKey,
		"a comma behind": "App " + goodKey + ",", "quotes": `App "` + goodKey + `"`, "two keys": "App " + goodKey + " " + goodKey,
		"a key in upper case": "App " + strings.ToUpper(goodKey), "a key cut short": "App " + goodKey[:len(goodKey)-1], "a key and a letter": "App " + goodKey + "0",
		"a key with an emoji": "App " + goodKey + "🔑", "a PIN": "App " + secretPIN, "a phone number": "App " + secretPhone, "a key of SQL": "App ' OR '1'='1",
		"a large key": "App " + strings.Repeat("0", 14000), "bad UTF-8": "App \xff\xfe", "a colon": "App: " + goodKey, "a key's scheme that folds": "Ａpp " + goodKey,
		"a no-break space": "App\u00a0" + goodKey, "Basic alone": "Basic", "Basic and a space": "Basic ", "broken base64": "Basic !!!" + secretPIN,
		"base64 cut short": "Basic A", "padding alone": "Basic ====", "base64 without a colon": "Basic " + encoded(secretPhone),
		"base64 of a colon": "Basic " + encoded(":"), "base64 of bad UTF-8": "Basic " + encoded("\xff:\xfe"), "base64 of a NUL": "Basic " + encoded("\x00:\x00"),
		"a user and no password": "Basic " + encoded("2fa-user:"), "a wrong password": "Basic " + encoded("2fa-user:"+secretAlpha),
		"a user that nobody knows": "Basic " + encoded(secretPhone+":"+secretPIN), "a user in another case": "Basic " + encoded(strings.ToUpper(user)),
		"a user with a space": "Basic " + encoded(" "+user), "a user with a NUL": "Basic " + encoded("2fa-user\x00:a password of a user"),
		"a password and a line break": "Basic " + encoded(user+"\n"), "a large password": "Basic " + encoded("2fa-user:"+strings.Repeat("x", 10000)),
		"a large user": "Basic " + encoded(strings.Repeat("x", 10000)+":x"), "Basic that is not encoded": "Basic " + user,
		"base64 for addresses": "Basic " + base64.URLEncoding.EncodeToString([]byte("\xf0\x9f\x94\x91??>>:x")), "a key by Basic": "Basic " + encoded(goodKey+":"),
		"both in one header": "App " + goodKey + ", Basic " + encoded(user), "Basic twice": "Basic Basic " + encoded(user),
	} {
		attacks = append(attacks, attack{name: name, request: plain("GET", appPath, "Authorization: "+value), status: 401})
	}
	basic := "Authorization: Basic " + encoded(user)
	const keys = "/2fa/1/api-key"
	return append(attacks,
		attack{name: "two headers", request: get(appPath, authorized), status: 401},
		attack{name: "two headers, the first of them wrong", request: get(appPath, "Authorization: App "+secretPIN), status: 401},
		attack{name: "two headers, the first of them empty", request: get(appPath, "Authorization: "), status: 401},
		attack{name: "two headers, one of each scheme", request: get(appPath, basic), status: 401},
		attack{name: "a proxy's header", request: plain("GET", appPath, "Proxy-"+authorized), status: 401},
		attack{name: "a header of another name", request: plain("GET", appPath, "X-API-Key: "+goodKey, "Cookie: key="+goodKey), status: 401},
		attack{name: "a key in the query", request: plain("GET", appPath+"?apiKey="+goodKey+"&Authorization=App%20"+goodKey), status: 401},
		attack{name: "a user in the address", request: plain("GET", "http://2fa-user:a@127.0.0.1"+appPath), status: 401},
		attack{name: "a key for a key", request: post(keys, ""), status: 401},
		attack{name: "no credentials for a key", request: plain("POST", keys, "Content-Length: 0"), status: 401},
		attack{name: "none, and a body that is wrong too", request: plain("POST", sendPath, "Content-Length: 1") + "{", status: 401},
		attack{name: "none, and a query that is wrong too", request: plain("GET", rowsPath+"?sent=%zz"), status: 401},
		attack{name: "none for an id that nobody has", request: plain("GET", appsPath+"/"+secretPhone), status: 401},
		attack{name: "none for the sandbox", request: plain("GET", "/sandbox/inbox?to="+secretPhone), status: 401},
		attack{name: "a wrong key for the sandbox", request: plain("GET", "/sandbox/inbox", "Authorization: App "+secretPIN), status: 401},
		attack{name: "the sandbox by a number that is none", request: get("/sandbox/inbox?to=" + secretAlpha), status: 400, member: "to"},
		attack{name: "the sandbox by a broken escape", request: get("/sandbox/inbox?to=%zz" + secretPhone), status: 400},
		attack{name: "the sandbox by a semicolon", request: get("/sandbox/inbox?pinId=x;to=" + secretPhone), status: 400},
		attack{name: "another account's application", request: get(appsPath + "/E1671797C52E15F763380B45E841EC32"), status: 404},
		attack{name: "another account's PIN", request: post("/2fa/1/pin/8FA14CDD754F91CC6554C9E71929CCE7/verify", `{"pin":"1598"}`), status: 404},
		attack{name: "a key with spaces around it", request: plain("GET", appPath, "Authorization:  App   "+goodKey+"   "), status: 200},
		attack{name: "a scheme in small letters", request: plain("GET", appPath, "authorization: aPP "+goodKey), status: 200},
		attack{name: "base64 folded over two lines", request: plain("GET", appPath, basic[:40]+"\r\n\t"+basic[40:]), status: 200},
		attack{name: "base64 without padding", request: plain("GET", appPath, strings.TrimRight(basic, "=")), status: 200},
	)
}

// preferAttacks are Prefer headers. What is not understood is ignored, so most of them get as far as the PIN's id.
func preferAttacks() []attack {
	var attacks []attack
	for name, value := range map[string]string{
		"nothing": "", "commas": ",,,,", "signs": "=;=;=", "a PIN": secretPIN, "a phone number": "wait=" + secretPhone, "a negative wait": "wait=-1",
		"a wait with a plus": "wait=+5", "a wait with a fraction": "wait=0.5", "a wait in letters": "wait=" + secretAlpha, "no wait": "wait=",
		"a wait in open quotes": `wait="5`, "a wait of full-width digits": "wait=５", "a wait beyond 32 bits": "wait=4294967296",
		"a wait beyond 64 bits": "wait=18446744073709551616", "two waits": "wait=1, wait=2", "both": "wait=1, respond-async", "an escape": "wait=%31",
		"255 characters": strings.Repeat("x", 255), "bad UTF-8": "wait=\xff", "parameters": "wait=1; foo=" + secretPIN, "a quoted comma": `foo="a,wait=1`,
	} {
		attacks = append(attacks, attack{
			name: name, request: post("/2fa/1/pin/"+secretMixed+"/resend/voice", "", "Prefer: "+value), status: 404,
		})
	}
	return append(attacks,
		attack{name: "256 characters", request: post(voicePath, sendBody("from", "null"), "Prefer: "+strings.Repeat("x", 256)), status: 400, member: "Prefer"},
		attack{name: "ten thousand characters", request: post(voicePath, "{}", "Prefer: "+strings.Repeat("wait=1,", 1500)), status: 400, member: "Prefer"},
		attack{name: "two headers", request: post("/2fa/1/pin/"+secretMixed+"/resend/voice", "", "Prefer: wait=1", "Prefer: "+secretPhone), status: 404},
	)
}
