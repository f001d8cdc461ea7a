package server

import (
	"context"
	"errors"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/pinpost/pinpost/api/spec"
	"github.com/pinpost/pinpost/internal/account"
	"github.com/pinpost/pinpost/internal/fault"
)

// Accounts says who calls.
type Accounts interface {
	// ByKey gives the account of an API key, or account.ErrRefused.
	ByKey(ctx context.Context, key string) (account.Caller, error)
	// ByPassword gives the account of a user name and password, or account.ErrRefused.
	ByPassword(ctx context.Context, name, password string) (string, error)
	// CreateKey makes a key for an account and shows it this once.
	CreateKey(ctx context.Context, accountID, name string) (account.Key, string, error)
}

// schemes are the forms of credentials an operation takes, as its security requirements in the contract say.
type schemes struct{ app, basic bool }

func schemesOf(op spec.Operation, global []string) schemes {
	names := global
	if op.Spec.Security != nil {
		names = nil
		for _, requirement := range *op.Spec.Security {
			for name := range requirement {
				names = append(names, name)
			}
		}
	}
	var s schemes
	for _, name := range names {
		s.app = s.app || name == "AppKey"
		s.basic = s.basic || name == "Basic"
	}
	return s
}

func (s schemes) expected() string {
	switch {
	case s.app && s.basic:
		return "send the header Authorization with App and an API key, or with Basic and user name and password"
	case s.app:
		return "send the header Authorization with App and an API key"
	}
	return "send the header Authorization with Basic and user name and password"
}

func (s schemes) challenge() string {
	var challenges []string
	if s.app {
		challenges = append(challenges, `App realm="2fa"`)
	}
	if s.basic {
		challenges = append(challenges, `Basic realm="2fa", charset="UTF-8"`)
	}
	return strings.Join(challenges, ", ")
}

// authenticate finds the account of the credentials, or answers 401 with the form that is expected.
func (s *Server) authenticate(accepted schemes) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			r := c.Request()
			caller, err := s.identify(r.Context(), r.Header[echo.HeaderAuthorization], accepted)
			if errors.Is(err, errMissing) || errors.Is(err, account.ErrRefused) {
				c.Response().Header().Set(echo.HeaderWWWAuthenticate, accepted.challenge())
				text := "Credentials are refused: "
				if errors.Is(err, errMissing) {
					text = "Credentials are missing: "
				}
				return &fault.Error{Kind: fault.Unauthorized, Text: text + accepted.expected()}
			}
			if err != nil {
				return err
			}
			v := visitOf(r.Context())
			v.account, v.key = caller.AccountID, caller.KeyID
			return next(c)
		}
	}
}

var errMissing = errors.New("credentials are missing")

func (s *Server) identify(ctx context.Context, headers []string, accepted schemes) (account.Caller, error) {
	if len(headers) == 0 || strings.TrimSpace(headers[0]) == "" {
		return account.Caller{}, errMissing
	}
	if len(headers) > 1 {
		return account.Caller{}, account.ErrRefused
	}
	scheme, rest, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case accepted.app && strings.EqualFold(scheme, "App") && rest != "":
		return s.deps.Accounts.ByKey(ctx, rest)
	case accepted.basic && strings.EqualFold(scheme, "Basic"):
		name, password, ok := basicCredentials(rest)
		if !ok {
			return account.Caller{}, account.ErrRefused
		}
		id, err := s.deps.Accounts.ByPassword(ctx, name, password)
		return account.Caller{AccountID: id}, err
	}
	return account.Caller{}, account.ErrRefused
}
