package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/fault"
)

// Bounds of a request body.
const (
	maxBody = 64 << 10
	maxSeed = 1 << 20 // of the operations that take a seed
)

// readBody reads a body whole, up to most bytes.
func readBody(r *http.Request, most int64) ([]byte, error) {
	if r.ContentLength > most {
		return nil, tooLarge(most)
	}
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if r.ContentLength > 0 {
		body := make([]byte, r.ContentLength)
		if _, err := io.ReadFull(r.Body, body); err != nil {
			return nil, broken(err)
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return nil, broken(err)
	}
	if int64(len(body)) > most {
		return nil, tooLarge(most)
	}
	return body, nil
}

// wholeBody is a body that was read: its text can be decoded where it is, and read once more.
type wholeBody struct {
	bytes.Reader
	text []byte
}

// Close does nothing: there is no connection behind it.
func (*wholeBody) Close() error { return nil }

func replaceBody(r *http.Request, body []byte) {
	whole := &wholeBody{text: body}
	whole.Reset(body)
	r.Body, r.ContentLength = whole, int64(len(body))
	if !plainJSON(r.Header) {
		r.Header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	}
}

// serializer decodes bodies that the gate has read without reading them again.
type serializer struct{ echo.DefaultJSONSerializer }

// Deserialize decodes the body of a request; the binder words the error.
func (s serializer) Deserialize(c echo.Context, into any) error {
	if whole, ok := c.Request().Body.(*wholeBody); ok {
		return json.Unmarshal(whole.text, into)
	}
	return s.DefaultJSONSerializer.Deserialize(c, into)
}

// tooLarge names the bound of the operation.
func tooLarge(most int64) error {
	return echo.NewHTTPError(http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than %d bytes", most))
}

// broken is the fault of a caller who stopped sending, sent too slowly, or sent broken chunks.
func broken(err error) error {
	return &fault.Error{Kind: fault.Invalid, Text: "The body did not arrive whole and in time", Err: err}
}

// refuseBody lets a request pass that has no body. However large a body is, none of it is kept.
func refuseBody(r *http.Request) error {
	if r.ContentLength == 0 || r.Body == nil {
		return nil
	}
	if r.ContentLength < 0 {
		switch _, err := io.ReadFull(r.Body, make([]byte, 1)); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return broken(err)
		}
	}
	return fault.Invalidf("This operation takes no body")
}

// checkMediaType lets JSON in UTF-8 pass.
func checkMediaType(header http.Header) error {
	values := header.Values(echo.HeaderContentType)
	if len(values) != 1 {
		return echo.ErrUnsupportedMediaType
	}
	media, params, err := mime.ParseMediaType(values[0])
	if err != nil || media != echo.MIMEApplicationJSON {
		return echo.ErrUnsupportedMediaType
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return echo.ErrUnsupportedMediaType
	}
	return nil
}

// basicCredentials reads what follows the word Basic: base64 of name, colon and password, with or without padding, and
// with the line breaks of the MIME variant that the documentation names.
func basicCredentials(encoded string) (name, password string, ok bool) {
	encoded = strings.TrimRight(strings.ReplaceAll(encoded, " ", ""), "=") // a folded header has a space for the break
	decoded, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil || !utf8.Valid(decoded) {
		return "", "", false
	}
	return strings.Cut(string(decoded), ":")
}
