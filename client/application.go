package client

import (
	"context"
	"net/http"

	"github.com/pinpost/pinpost/api"
)

// CreateApplication creates an application, which groups messages and carries the limits of their PINs. req.Name is
// required; what else is nil takes its default: enabled, PINs that live 15 minutes and stand 10 attempts, 3 sends a day
// to one number. Lengths of time in req.Configuration are milliseconds. Keep ApplicationID of the answer.
//
// Errors: IsInvalidArgument for a limit that is out of range; ValidationErrors of the APIError names it.
//
// Source page: https://dev.infobip.com/docs/2fa-application-setup
func (c *Client) CreateApplication(
	ctx context.Context, req api.CreateApplicationRequest,
) (*api.Application, error) {
	return ask[*api.Application](ctx, "create application", func(ctx context.Context) (*http.Response, error) {
		return c.calls.CreateApplication(ctx, req)
	})
}

// ListApplications lists the applications of the account, oldest first.
//
// Source page: http://2-fa.github.io/http-api.html
func (c *Client) ListApplications(ctx context.Context) ([]api.Application, error) {
	return ask[api.ApplicationList](ctx, "list applications", func(ctx context.Context) (*http.Response, error) {
		return c.calls.ListApplications(ctx)
	})
}

// GetApplication gives an application with its current settings: the place to look at when IsTooManyRequests comes up.
// Lengths of time are milliseconds.
//
// Errors: IsNotFound for an unknown application. An empty applicationID is an error too, and nothing is sent.
//
// Source page: https://dev.infobip.com/docs/application-get
func (c *Client) GetApplication(ctx context.Context, applicationID string) (*api.Application, error) {
	return ask[*api.Application](ctx, "get application", func(ctx context.Context) (*http.Response, error) {
		return c.calls.GetApplication(ctx, applicationID)
	}, pathID{"applicationID", applicationID})
}

// UpdateApplication changes what is not nil in req and leaves the rest as it is, members of req.Configuration included.
// The answer is the application as it is now. Living PINs are judged by the new settings from then on, except for their
// time to live, which is fixed when a PIN is created.
//
// Errors: IsInvalidArgument for a limit that is out of range, IsNotFound for an unknown application. An empty
// applicationID is an error too, and nothing is sent.
//
// Source page: http://2-fa.github.io/http-api.html
func (c *Client) UpdateApplication(
	ctx context.Context, applicationID string, req api.UpdateApplicationRequest,
) (*api.Application, error) {
	return ask[*api.Application](ctx, "update application", func(ctx context.Context) (*http.Response, error) {
		return c.calls.UpdateApplication(ctx, applicationID, req)
	}, pathID{"applicationID", applicationID})
}
