package main

import (
	"encoding/json"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api"
	"github.com/pinpost/pinpost/api/spec"
)

// rival is a server that is measured.
type rival struct {
	name, title string
	serve       string // what a process serves: bare, kin or pinpost
	store       string // of a pinpost: see stores
	unchecked   bool   // of a pinpost: whether neither requests nor answers are checked against the contract
}

// rivals take turns in this order, each round from another one on. The first is the limit that the others are told as a
// share of. A store gets its line here and its entry in stores.
var rivals = []rival{
	{name: "bare", title: "bare Echo", serve: "bare"},
	{name: "kin", title: "bare Echo + kin-openapi", serve: "kin"},
	{name: "sqlite", title: "Pinpost, SQLite", serve: "pinpost", store: "sqlite"},
	{name: "sqlite-unchecked", title: "Pinpost, SQLite, unchecked", serve: "pinpost", store: "sqlite", unchecked: true},
	{name: "postgres", title: "Pinpost, PostgreSQL", serve: "pinpost", store: "postgres"},
}

// bare answers what the service answers, with the least that can: it checks the key, decodes the body, and remembers
// nothing.
func bare(s session) http.Handler {
	e := echo.New()
	known := map[string]bool{"App " + s.Key: true}
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if !known[c.Request().Header.Get(echo.HeaderAuthorization)] {
				return echo.ErrUnauthorized
			}
			return next(c)
		}
	})
	e.POST("/2fa/1/pin", func(c echo.Context) error {
		var in api.SendPinOverSmsRequest
		if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
			return err
		}
		return sent(c, in.To, "9C817C6F8AF3D48F9FE553282AFA2B67")
	})
	e.POST("/2fa/1/pin/:pinId/resend", func(c echo.Context) error {
		var in struct{}
		if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
			return err
		}
		return sent(c, "41793026727", c.Param("pinId"))
	})
	e.POST("/2fa/1/pin/:pinId/verify", func(c echo.Context) error {
		var in api.VerifyPinRequest
		if err := json.NewDecoder(c.Request().Body).Decode(&in); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, api.VerifyPinResponse{PinID: c.Param("pinId"), Msisdn: "41793026727", Verified: true})
	})
	e.GET("/2fa/1/applications/:applicationId", func(c echo.Context) error {
		return c.JSON(http.StatusOK, api.Application{
			ApplicationID: c.Param("applicationId"), Name: appName, Enabled: true, ProcessID: "3B0D9E2D8B1B4F8E9C0F7A1E2D3C4B5A",
			Configuration: api.Configuration{
				PinTimeToLive: 900000, PinAttempts: 10, VerificationAttempts: 1, VerificationIntervalLength: 3000,
				InitiationAttempts: 3, InitiationIntervalLength: 86400000, OverallInitiationAttempts: 10000,
				OverallInitiationIntervalLength: 86400000, InitiationThrottlingProlongationFactor: 1, AllowMultiplePinVerifications: true,
			},
		})
	})
	return e
}

func sent(c echo.Context, to, pinID string) error {
	c.Response().Header().Set("Idempotency-Replayed", "false")
	return c.JSON(http.StatusOK, api.SmsPinResponse{To: to, PinID: pinID, NcStatus: api.NcStatusNotConfigured, SmsStatus: api.SmsStatusSent})
}

// kin is bare behind the middleware that kin-openapi ships, which checks requests and answers. Its router is the one of its
// two that needs no further library. The key is left to the handler, as in bare.
func kin(s session) (http.Handler, error) {
	doc, err := spec.Load()
	if err != nil {
		return nil, err
	}
	doc.Servers = nil // or the router compares hosts
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	validator := openapi3filter.NewValidator(router, openapi3filter.Strict(true), openapi3filter.ValidationOptions(openapi3filter.Options{
		AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true,
	}))
	return validator.Middleware(bare(s)), nil
}
