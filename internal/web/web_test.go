package web

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/pinpost/pinpost/internal/canary"
)

func TestMain(m *testing.M) { os.Exit(canary.Main(m)) }

// mostCompressed is how much all of a site may weigh.
const mostCompressed = 1_500_000

func get(t *testing.T, s *Site, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	s.ServeHTTP(recorder, r)
	return recorder.Result()
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	var from io.Reader = resp.Body
	if resp.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = plain
	}
	body, err := io.ReadAll(from)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func sites(t *testing.T) map[string]*Site {
	t.Helper()
	console, err := NewConsole()
	if err != nil {
		t.Fatal(err)
	}
	reference, err := NewReference()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*Site{"console": console, "reference": reference}
}

var (
	named    = regexp.MustCompile(`(?:src|href)="(/[^"#]*)"|from "\./([^"]+)"`)
	external = regexp.MustCompile(`https?://|//[a-z]+\.[a-z]`)
)

// TestSite wants each file that a page or a module names to be there, to weigh little, and to ask no other host.
func TestSite(t *testing.T) {
	t.Parallel()
	for name, site := range sites(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			weight, wanted := 0, map[string]bool{}
			for _, path := range site.Paths() {
				if path == sessionPath {
					continue
				}
				resp := get(t, site, path, "Accept-Encoding", "gzip")
				if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Encoding") != "gzip" {
					t.Fatalf("%s answers %d %v, want it compressed", path, resp.StatusCode, resp.Header)
				}
				if resp.Header.Get("Content-Type") == "" {
					t.Errorf("%s has no media type", path)
				}
				weight += int(resp.ContentLength)
				own := text(t, resp)
				if strings.Contains(path, "swagger-ui") {
					continue
				}
				if found := external.FindString(strings.ReplaceAll(own, "http://www.w3.org/2000/svg", "")); found != "" {
					t.Errorf("%s names another host: %s", path, found)
				}
				for _, match := range named.FindAllStringSubmatch(own, -1) {
					if match[2] != "" {
						match[1] = "/assets/" + match[2]
					}
					wanted[match[1]] = true
				}
			}
			if weight > mostCompressed {
				t.Errorf("the site weighs %d bytes, want at most %d", weight, mostCompressed)
			}
			for path := range wanted {
				if strings.HasPrefix(path, "/assets/") && !slices.Contains(site.Paths(), path) {
					t.Errorf("something names %s, which is not there", path)
				}
			}
			if len(wanted) < 5 {
				t.Errorf("only %d names were found: the test looks at the wrong thing", len(wanted))
			}
		})
	}
}

// TestNewPage wants a page of another package served with the shared files and nothing of the console, and no file hidden by another.
func TestNewPage(t *testing.T) {
	t.Parallel()
	file := &fstest.MapFile{Data: []byte("<html></html>")}
	site, err := NewPage("other.html", fstest.MapFS{"assets/other.html": file, "assets/other.js": file})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"/", "/assets/api.js", "/assets/dom.js", "/assets/icon.svg", "/assets/other.js", "/assets/page.css", "/assets/stream.js", "/assets/theme.js"}
	if got := site.Paths(); !slices.Equal(got, want) {
		t.Errorf("the paths are %v, want %v", got, want)
	}
	if got := text(t, get(t, site, "/")); got != "<html></html>" {
		t.Errorf("the page is %q", got)
	}
	for name, own := range map[string]fstest.MapFS{
		"no page": {"assets/other.js": file}, "a shared name": {"assets/other.html": file, "assets/page.css": file}, "no folder": {},
	} {
		if _, err := NewPage("other.html", own); err == nil {
			t.Errorf("%s: there is a page", name)
		}
	}
}

func TestSite_reference_says_nothing_of_a_sandbox(t *testing.T) {
	t.Parallel()
	site := sites(t)["reference"]
	for _, path := range site.Paths() {
		if strings.Contains(path, "swagger-ui") {
			continue
		}
		if found := regexp.MustCompile(`(?i)sandbox|inbox|scenario|world`).FindString(text(t, get(t, site, path))); found != "" {
			t.Errorf("%s mentions %q", path, found)
		}
	}
}

func TestSite_guards(t *testing.T) {
	t.Parallel()
	for name, site := range sites(t) {
		for _, path := range site.Paths() {
			policy := get(t, site, path).Header.Get("Content-Security-Policy")
			for _, wrong := range []string{"unsafe", "http:", "https:", "*"} {
				if strings.Contains(policy, wrong) {
					t.Errorf("%s %s: the policy has %q: %s", name, path, wrong, policy)
				}
			}
			for _, want := range []string{"default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"} {
				if !strings.Contains(policy, want) {
					t.Errorf("%s %s: the policy lacks %q: %s", name, path, want, policy)
				}
			}
		}
	}
}

func TestSite_tells_what_a_browser_has(t *testing.T) {
	t.Parallel()
	site := sites(t)["console"]
	first := get(t, site, "/", "Accept-Encoding", "gzip")
	again := get(t, site, "/", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified || text(t, again) != "" {
		t.Errorf("the page that a browser has answers %d, want 304 and nothing", again.StatusCode)
	}
	plain := get(t, site, "/")
	if plain.Header.Get("Content-Encoding") != "" || text(t, plain) != text(t, first) {
		t.Error("a browser that takes no gzip gets another page")
	}
}

// TestSite_takes_tags_as_they_come wants a tag found in a list, however a proxy wrote it, and no other.
func TestSite_takes_tags_as_they_come(t *testing.T) {
	t.Parallel()
	site := sites(t)["console"]
	tag := get(t, site, "/").Header.Get("ETag")
	strong, weak := strings.CutPrefix(tag, "W/")
	if !weak {
		t.Errorf("the tag of the compressed and of the plain page is %s, want a weak one", tag)
	}
	for names, has := range map[string]bool{
		tag: true, strong: true, `"a", ` + tag: true, `W/"a",` + strong + `,"b"`: true, "*": true,
		`"a"`: false, "": false, strings.Trim(strong, `"`): false, `W/"a", "b"`: false,
	} {
		if got := get(t, site, "/", "If-None-Match", names).StatusCode == http.StatusNotModified; got != has {
			t.Errorf("a browser that has %s is told that it has the page: %t, want %t", names, got, has)
		}
	}
}

func TestSite_compresses_for_those_who_take_it(t *testing.T) {
	t.Parallel()
	site := sites(t)["console"]
	for accepted, gzipped := range map[string]bool{
		"gzip": true, "gzip, deflate, br, zstd": true, "GZIP": true, "x-gzip": true, "*": true, "br;q=1.0, gzip;q=0.8, *;q=0.1": true,
		"gzip; q=0.001": true, "gzip;q=1": true,
		"": false, "identity": false, "br": false, "gzip;q=0": false, "gzip; q=0.000": false, "*;q=0": false, "gzip;q=0, *": false,
		"identity;q=1, *;q=0": false, "gzipped": false, "gzip;q=x": false,
	} {
		resp := get(t, site, "/", "Accept-Encoding", accepted)
		if got := resp.Header.Get("Content-Encoding") == "gzip"; got != gzipped {
			t.Errorf("to a browser that accepts %q the page goes as gzip: %t, want %t", accepted, got, gzipped)
		}
		if !strings.Contains(text(t, resp), "<html") {
			t.Errorf("a browser that accepts %q is not sent the page", accepted)
		}
	}
}

func TestSite_session(t *testing.T) {
	t.Parallel()
	site := sites(t)["console"]
	if got := get(t, site, sessionPath).StatusCode; got != http.StatusNoContent {
		t.Errorf("before anybody is signed in the answer is %d, want 204", got)
	}
	want := Session{Key: "key-of-the-demo", User: "demo", Password: "pass-of-the-demo", ApplicationID: "A", MessageID: "M"}
	site.SignIn(want)
	for host, given := range map[string]bool{
		"127.0.0.1:8080": true, "[::1]:8080": true, "::1": true, "192.168.1.7": true, "localhost": true, "localhost:8080": true,
		"pinpost:8080": true, "a.localhost:8080": true,
		"pinpost.example.com": false, "evil.example:8080": false, "127.0.0.1.evil.example": false, "evil.localhost.example": false,
	} {
		resp := get(t, site, sessionPath, "Host", host)
		if !given {
			if resp.StatusCode != http.StatusNoContent || text(t, resp) != "" {
				t.Errorf("%s is answered %d, want 204 and nothing", host, resp.StatusCode)
			}
			continue
		}
		var got Session
		if err := json.Unmarshal([]byte(text(t, resp)), &got); err != nil || got != want {
			t.Errorf("%s is answered %+v, %v; want %+v", host, got, err, want)
		}
		if resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: credentials may be kept by the browser", host)
		}
	}
}
