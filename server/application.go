package server

import (
	"context"

	"github.com/pinpost/pinpost/internal/application"
	"github.com/pinpost/pinpost/server/internal/gen"
)

// Applications creates, finds and changes applications.
type Applications interface {
	Create(ctx context.Context, in application.Input) (application.Application, error)
	Get(ctx context.Context, accountID, id string) (application.Application, error)
	List(ctx context.Context, accountID string) ([]application.Application, error)
	Update(ctx context.Context, id string, in application.Input) (application.Application, error)
}

// CreateApplication implements https://dev.infobip.com/docs/2fa-application-setup.
func (d desk) CreateApplication(ctx context.Context, req gen.CreateApplicationRequestObject) (gen.CreateApplicationResponseObject, error) {
	a, err := d.Applications.Create(ctx, application.Input{
		AccountID: accountOf(ctx), Name: &req.Body.Name, Enabled: req.Body.Enabled,
		Configuration: FromAPIConfigurationInput(req.Body.Configuration),
	})
	if err != nil {
		return nil, err
	}
	return gen.CreateApplication200JSONResponse{OneApplicationJSONResponse: gen.OneApplicationJSONResponse(ToAPIApplication(a))}, nil
}

// ListApplications implements http://2-fa.github.io/http-api.html.
func (d desk) ListApplications(ctx context.Context, _ gen.ListApplicationsRequestObject) (gen.ListApplicationsResponseObject, error) {
	all, err := d.Applications.List(ctx, accountOf(ctx))
	if err != nil {
		return nil, err
	}
	return gen.ListApplications200JSONResponse(list(all, ToAPIApplication)), nil
}

// GetApplication implements https://dev.infobip.com/docs/application-get.
func (d desk) GetApplication(ctx context.Context, req gen.GetApplicationRequestObject) (gen.GetApplicationResponseObject, error) {
	a, err := d.Applications.Get(ctx, accountOf(ctx), req.ApplicationID)
	if err != nil {
		return nil, err
	}
	return applicationAnswer(ToAPIApplication(a)), nil
}

// UpdateApplication implements http://2-fa.github.io/http-api.html.
func (d desk) UpdateApplication(ctx context.Context, req gen.UpdateApplicationRequestObject) (gen.UpdateApplicationResponseObject, error) {
	a, err := d.Applications.Update(ctx, req.ApplicationID, application.Input{
		AccountID: accountOf(ctx), Name: req.Body.Name, Enabled: req.Body.Enabled,
		Configuration: FromAPIConfigurationInput(req.Body.Configuration),
	})
	if err != nil {
		return nil, err
	}
	return gen.UpdateApplication200JSONResponse{OneApplicationJSONResponse: gen.OneApplicationJSONResponse(ToAPIApplication(a))}, nil
}
