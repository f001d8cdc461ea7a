package server_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// documented are the requests and answers that the pages for resending print, byte for byte. A client that is copied from
// a page sends a JSON content type, no body, no length, and the documented service's own host.
var documented = map[string]struct{ request, answer string }{
	"https://dev.infobip.com/docs/pin-resend-over-sms": {
		"POST /2fa/1/pin/9C817C6F8AF3D48F9FE553282AFA2B67/resend HTTP/1.1\nHost: api.infobip.com\nAuthorization: App 003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9\nContent-Type: application/json",
		"{\n  \"to\": \"41793026727\",\n  \"ncStatus\": \"NC_DESTINATION_REACHABLE\",\n  \"smsStatus\": \"MESSAGE_SENT\",\n  \"pinId\": \"9C817C6F8AF3D48F9FE553282AFA2B67\"\n}",
	},
	"https://dev.infobip.com/docs/resend-a-pin-via-voice": {
		"POST /2fa/1/pin/9C817C6F8AF3D48F9FE553282AFA2B67/resend/voice HTTP/1.1\nHost: api.infobip.com\nAuthorization: App 003026bbc133714df1834b8638bb496e-8f4b3d9a-e931-478d-a994-28a725159ab9\nContent-Type: application/json",
		"{\n  \"to\": \"41793026727\",\n  \"pinId\": \"9C817C6F8AF3D48F9FE553282AFA2B67\",\n  \"callStatus\": \"PROCESSED\"\n}",
	},
}

func TestDocumentedBytes(t *testing.T) {
	t.Parallel()
	for page, pair := range documented {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			f := loadFixture(t)
			address := serveFixture(t, f, f, &pairs{})
			conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
			must(t, err)
			defer func() { _ = conn.Close() }()
			_, err = io.WriteString(conn, strings.ReplaceAll(pair.request, "\n", "\r\n")+"\r\n\r\n")
			must(t, err)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			must(t, err)
			defer func() { _ = resp.Body.Close() }()
			body, err := io.ReadAll(resp.Body)
			must(t, err)
			var got, want any
			must(t, json.Unmarshal([]byte(pair.answer), &want))
			if err := json.Unmarshal(body, &got); err != nil || !fits(got, want) || resp.StatusCode != http.StatusOK {
				t.Errorf("answers %d %s, want 200 and %s", resp.StatusCode, body, pair.answer)
			}
		})
	}
}
