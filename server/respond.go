package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
)

// ResponseValidation says what happens to an answer that is not in the contract.
type ResponseValidation string

// The ways to treat answers.
const (
	ResponsesOff  ResponseValidation = "off"  // not checked
	ResponsesLog  ResponseValidation = "log"  // logged and counted, and sent
	ResponsesFail ResponseValidation = "fail" // logged and counted, and 500 sent instead
)

// respond holds an operation's answer back until it is known to be in the contract. It writes errors too, so that these
// are checked as well.
func (s *Server) respond(g *gate) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			response := c.Response()
			held := hold(response.Writer)
			response.Writer = held
			defer func() {
				response.Writer = held.ResponseWriter
				held.free()
			}()

			err := next(c)
			if errors.Is(err, errReset) {
				return nil
			}
			if err != nil {
				s.writeError(err, c)
			}
			if s.deps.ValidateResponses == ResponsesOff || visitOf(c.Request().Context()).struck {
				return held.release()
			}
			if g.quick.answer(held.status, held.Header(), held.body.Bytes()) {
				return held.release()
			}
			err = openapi3filter.ValidateResponse(c.Request().Context(), &openapi3filter.ResponseValidationInput{
				RequestValidationInput: g.input(c),
				Status:                 held.status,
				Header:                 held.Header(),
				Body:                   io.NopCloser(bytes.NewReader(held.body.Bytes())),
				Options:                filterOptions,
			})
			if err == nil {
				return held.release()
			}
			s.deps.Metrics.Violation(g.operation.ID)
			s.deps.Log.ErrorContext(c.Request().Context(), "answer is not in the contract",
				slog.Int("status", held.status), slog.Any("error", err))
			if s.deps.ValidateResponses == ResponsesFail {
				held.replace(http.StatusInternalServerError, errorObject(api.ErrorKindGeneralException, generalText, nil))
				response.Status = held.status
			}
			return held.release()
		}
	}
}

// heldWriter keeps status and body; headers go to the real writer's map, where they can still be changed.
type heldWriter struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

// holders are those that hold nothing now. One that held more than mostHeld is not kept.
var holders = sync.Pool{New: func() any { return &heldWriter{} }}

const mostHeld = 64 << 10

func hold(w http.ResponseWriter) *heldWriter {
	held := holders.Get().(*heldWriter)
	held.ResponseWriter = w
	return held
}

func (w *heldWriter) free() {
	if w.body.Cap() > mostHeld {
		return
	}
	w.ResponseWriter, w.status = nil, 0
	w.body.Reset()
	holders.Put(w)
}

func (w *heldWriter) WriteHeader(status int) { w.status = status }

func (w *heldWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// Unwrap lets http.ResponseController find the real writer.
func (w *heldWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *heldWriter) replace(status int, body []byte) {
	requestID := w.Header().Get(echo.HeaderXRequestID)
	clear(w.Header())
	w.Header().Set(echo.HeaderXRequestID, requestID)
	w.Header().Set(echo.HeaderCacheControl, "no-store")
	w.Header().Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	w.status = status
	w.body.Reset()
	w.body.Write(body)
}

func (w *heldWriter) release() error {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	w.ResponseWriter.WriteHeader(w.status)
	if _, err := w.ResponseWriter.Write(w.body.Bytes()); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return nil
}
