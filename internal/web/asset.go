package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
)

// files are the pages, and Swagger UI as its project publishes it, compressed (see .ci/assets).
//
//go:embed assets
var files embed.FS

// asset is a file as it is sent: compressed, and known by its content. The tag is a weak one: it is of the compressed and
// of the plain form.
type asset struct {
	kind, tag  string
	compressed []byte
}

// ofReference are the files that the reference alone needs.
var ofReference = []string{
	"api.js", "icon.svg", "page.css", "reference.css", "reference.html", "reference.js", "reference-examples.js", "reference-names.js",
	"reference-page.js", "reference-request.js", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.LICENSE.txt",
	"swagger-ui.css", "theme.js",
}

// shared are the files that pages of other packages may use: the house's look, and modules that know no console.
var shared = []string{"api.js", "dom.js", "icon.svg", "page.css", "stream.js", "theme.js"}

func sharedOnly(name string) bool    { return slices.Contains(shared, name) }
func everything(name string) bool    { return name != "reference.html" && name != "reference-page.js" }
func referenceOnly(name string) bool { return slices.Contains(ofReference, name) }

// load reads the wanted files of a folder named assets, by name.
func load(from fs.FS, wanted func(name string) bool) (map[string]asset, error) {
	entries, err := fs.ReadDir(from, "assets")
	if err != nil {
		return nil, err
	}
	assets := map[string]asset{}
	for _, entry := range entries {
		name := strings.TrimSuffix(entry.Name(), ".gz")
		if !wanted(name) {
			continue
		}
		content, err := fs.ReadFile(from, path.Join("assets", entry.Name()))
		if err != nil {
			return nil, err
		}
		if name == entry.Name() {
			if content, err = compress(content); err != nil {
				return nil, fmt.Errorf("compress %s: %w", name, err)
			}
		}
		sum := sha256.Sum256(content)
		assets[name] = asset{kinds[path.Ext(name)], `W/"` + hex.EncodeToString(sum[:12]) + `"`, content}
	}
	return assets, nil
}

// kinds do not depend on what the machine believes of file names, as mime.TypeByExtension does.
var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8",
	".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8",
}

func compress(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(content)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

// serve sends the file, unless the browser has it already. A new version of the program must be seen at once, so the
// browser asks each time.
func (a asset) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", a.tag)
	h.Set("Vary", "Accept-Encoding")
	if a.isIn(r.Header.Values("If-None-Match")) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.kind)
	if takesGzip(r.Header.Values("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(a.compressed)))
		_, _ = w.Write(a.compressed)
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(a.compressed))
	if err == nil {
		_, _ = io.Copy(w, plain) //nolint:gosec // what is unpacked is our own file
	}
}

// isIn tells whether a browser has the file already, by the tags that it names. Tags are compared weakly (RFC 9110,
// section 8.8.3.2): a proxy may have made them strong or weak.
func (a asset) isIn(lines []string) bool {
	own := strings.TrimPrefix(a.tag, "W/")
	for tag := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == own {
			return true
		}
	}
	return false
}

// takesGzip reads whether a browser takes gzip: by its name, or as any coding when it is not named. A weight of 0 means
// that it does not.
func takesGzip(lines []string) bool {
	named, taken, others := false, false, false
	for one := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		coding, parameters, _ := strings.Cut(one, ";")
		_, weight, weighted := strings.Cut(parameters, "=")
		q, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
		takes := !weighted || err == nil && q > 0
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			named, taken = true, taken || takes
		case "*":
			others = takes
		}
	}
	return taken || !named && others
}
