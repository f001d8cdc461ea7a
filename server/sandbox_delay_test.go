package server

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/internal/fault"
)

// TestDelay: a delay of a minute is longer than a request may take. The time of the request begins after it.
func TestDelay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		drained := make(chan struct{})
		suffering := func(ctx context.Context, next echo.HandlerFunc) error {
			ctx, cancel := context.WithTimeout(ctx, requestTime)
			defer cancel()
			r := httptest.NewRequestWithContext(ctx, "GET", "/", nil)
			return delay(echo.New().NewContext(r, httptest.NewRecorder()), time.Minute, drained, next)
		}
		began := time.Now()
		err := suffering(t.Context(), func(c echo.Context) error {
			end, _ := c.Request().Context().Deadline()
			if took := time.Since(began); took != time.Minute || time.Until(end) != requestTime {
				t.Errorf("the call begins after %v with %v left, want %v and %v", took, time.Until(end), time.Minute, requestTime)
			}
			return c.Request().Context().Err()
		})
		if err != nil {
			t.Errorf("a delayed call gives %v", err)
		}

		leaving, leave := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, leave)
		began = time.Now()
		err = suffering(leaving, func(echo.Context) error { return errors.New("it is carried out") })
		if took := time.Since(began); !errors.Is(err, context.Canceled) || !fault.Is(err, fault.Unavailable) || took != time.Second {
			t.Errorf("a caller who leaves is waited for %v, then %v", took, err)
		}

		time.AfterFunc(time.Second, func() { close(drained) })
		began = time.Now()
		err = suffering(t.Context(), func(echo.Context) error { return errors.New("it is carried out") })
		if took := time.Since(began); !errors.Is(err, errStopping) || took != time.Second {
			t.Errorf("a server that stops delays a call for %v, then %v", took, err)
		}
	})
}
