package conform

import (
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/pinpost/pinpost/api/spec"
)

// route is an operation and the segments of its path.
type route struct {
	spec.Operation
	segments   []string
	parameters []*openapi3.Parameter
}

func newRoute(op spec.Operation) *route {
	r := &route{Operation: op, segments: segments(op.Path)}
	for _, refs := range []openapi3.Parameters{op.Item.Parameters, op.Spec.Parameters} {
		for _, ref := range refs {
			r.parameters = append(r.parameters, ref.Value)
		}
	}
	return r
}

// segments of a path; a slash at the end changes nothing.
func segments(path string) []string { return strings.Split(strings.TrimSuffix(path, "/"), "/") }

// find gives the operation of a path and its parameters. Where several fit, the one with fewer parameters is meant.
func (c *Checker) find(method string, u *url.URL) (best *route, params map[string]string) {
	path := segments(u.EscapedPath())
	for _, r := range c.routes {
		if r.Method != method {
			continue
		}
		if found, ok := r.match(path); ok && (best == nil || len(found) < len(params)) {
			best, params = r, found
		}
	}
	return best, params
}

func (r *route) match(path []string) (map[string]string, bool) {
	if len(path) != len(r.segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, segment := range r.segments {
		if !strings.HasPrefix(segment, "{") {
			if segment != path[i] {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(path[i])
		if err != nil || value == "" {
			return nil, false
		}
		params[strings.Trim(segment, "{}")] = value
	}
	return params, true
}
