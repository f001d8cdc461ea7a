package server

import (
	"encoding/base64"
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
	body, err := io.ReadAll(io.LimitReader(r.Body, most+1))
	if err != nil {
		return nil, broken(err)
	}
	if int64(len(body)) > most {
		return nil, tooLarge(most)
	}
	return body, nil
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
