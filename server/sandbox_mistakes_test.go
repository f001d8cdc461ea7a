package server_test

import "strings"

// mistake is a request that is refused with 400; the member at fault is named, unless it is "-": then there is none.
type mistake struct{ method, path, body, member string }

// sandboxMistakes are what a caller of each operation can get wrong in its parameters and its body.
var sandboxMistakes = append(filterMistakes(), []mistake{
	{"GET", "/sandbox/inbox?before=x", "", "before"},
	{"GET", "/sandbox/inbox?before=-1", "", "before"},
	{"GET", "/sandbox/inbox?limit=0", "", "limit"},
	{"GET", "/sandbox/inbox?limit=1001", "", "limit"},
	{"GET", "/sandbox/inbox?limit=1&limit=2", "", "limit"},
	{"GET", "/sandbox/inbox?limit=ten", "", "limit"},
	{"GET", "/sandbox/inbox?limit=4294967297", "", "limit"},
	{"GET", "/sandbox/inbox/wait", "", "-"},
	{"GET", "/sandbox/inbox/wait?channel=SMS", "", "-"},
	{"GET", "/sandbox/inbox/wait?after=1&timeout=0", "", "timeout"},
	{"GET", "/sandbox/inbox/wait?after=1&timeout=61", "", "timeout"},
	{"GET", "/sandbox/inbox/wait?after=1&timeout=1.5", "", "timeout"},
	{"GET", "/sandbox/inbox/wait?after=-1", "", "after"},
	{"GET", "/sandbox/inbox/events?to=1", "", "to"},
	{"GET", "/sandbox/inbox/events?pinId=", "", "pinId"},

	{"POST", "/sandbox/faults", `{"count":1}`, "effect"},
	{"POST", "/sandbox/faults", `{"effect":"EXPLODE","count":1}`, "effect"},
	{"POST", "/sandbox/faults", `{"effect":null,"count":1}`, "effect"},
	{"POST", "/sandbox/faults", `{"effect":"RESET"}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1,"share":0.5}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":0}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1000001}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1.5}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":"1"}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1e2}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1e400}`, "count"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","share":1.1}`, "share"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","share":-0.1}`, "share"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","share":1,"seed":9223372036854775808}`, "seed"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","share":1,"seed":1e30}`, "seed"},
	{"POST", "/sandbox/faults", `{"effect":"DELAY","count":1}`, "delayMs"},
	{"POST", "/sandbox/faults", `{"effect":"DELAY","delayMs":0,"count":1}`, "delayMs"},
	{"POST", "/sandbox/faults", `{"effect":"DELAY","delayMs":60001,"count":1}`, "delayMs"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","delayMs":1,"count":1}`, "delayMs"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1,"operation":"listFaults"}`, "operation"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1,"operation":7}`, "operation"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1,"to":"abc"}`, "to"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1,"to":"00000"}`, "to"},
	{"POST", "/sandbox/faults", `{"effect":"RESET","count":1,"keyId":""}`, "keyId"},

	{"POST", "/sandbox/clock", `{}`, "advanceMs"},
	{"POST", "/sandbox/clock", `{"advanceMs":0}`, "advanceMs"},
	{"POST", "/sandbox/clock", `{"advanceMs":-1}`, "advanceMs"},
	{"POST", "/sandbox/clock", `{"advanceMs":315360000001}`, "advanceMs"},
	{"POST", "/sandbox/clock", `{"advanceMs":null}`, "advanceMs"},
	{"POST", "/sandbox/clock", `{"advanceMs":0.5}`, "advanceMs"},
	{"POST", "/sandbox/clock", `{"advanceMs":1e99}`, "advanceMs"},

	{"POST", "/sandbox/worlds", `{"name":""}`, "name"},
	{"POST", "/sandbox/worlds", `{"name":7}`, "name"},
	{"POST", "/sandbox/worlds", `{"name":"` + strings.Repeat("n", 65) + `"}`, "name"},

	{"POST", "/sandbox/reset", `{"seed":7}`, "seed"},
	{"POST", "/sandbox/reset", `{"seed":{}}`, "seed.applications"},
	{"POST", "/sandbox/reset", `{"seed":{"applications":null}}`, "seed.applications"},
	{"POST", "/sandbox/reset", `{"seed":{"applications":[],"colour":"red"}}`, "seed.colour"},

	{"POST", "/sandbox/reset", `{"keepApplications":"yes"}`, "keepApplications"},
	{"POST", "/sandbox/reset", `{"keepApplications":true,"seed":{"applications":[]}}`, "keepApplications"},

	{"POST", "/sandbox/seed", `{}`, "applications"},
	{"POST", "/sandbox/seed", `null`, "body"},
	{"POST", "/sandbox/seed", `{"applications":{}}`, "applications"},
	{"POST", "/sandbox/seed", `{"applications":[` + strings.Repeat(`{"applicationId":"A","name":"n"},`, 1000) + `{"applicationId":"A","name":"n"}]}`, "applications[1].applicationId"},
}...)

// filterMistakes are those that reading, draining and waiting share.
func filterMistakes() []mistake {
	var all []mistake
	for method, path := range map[string]string{"GET": "/sandbox/inbox", "DELETE": "/sandbox/inbox"} {
		all = append(all, mistake{method, path + "?since=-1", "", "since"}, mistake{method, path + "?since=now", "", "since"},
			mistake{method, path + "?since=9223372036854775808", "", "since"}, mistake{method, path + "?since=1e3", "", "since"},
			mistake{method, path + "?since=1.0", "", "since"})
	}
	for _, from := range [][2]string{{"GET", "/sandbox/inbox"}, {"DELETE", "/sandbox/inbox"}, {"GET", "/sandbox/inbox/wait"}} {
		for query, member := range map[string]string{
			"to=abc": "to", "to=00000": "to", "to=": "to", "to=" + strings.Repeat("4", 18): "to", "pinId=": "pinId",
			"applicationId=": "applicationId", "channel=FAX": "channel", "channel=sms": "channel", "after=x": "after",
			"after=": "after", "after=1234567890123456789": "after", "after=%2B1": "after", "to=41790010001&to=41790010002": "to", "%zz": "-",
		} {
			all = append(all, mistake{from[0], from[1] + "?" + query, "", member})
		}
	}
	return all
}
