// Package call is one call of the API while it is answered: its parameters,
// who is asking, and the answer under way. It is what handlers see of HTTP.
package call

import (
	"context"
	"errors"
	"net/http"
	"time"

	"guanxi/internal/api/jsonw"
	"guanxi/internal/api/param"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// Call is one call. A handler reads it, appends the answer to J, and returns
// an error instead where there is one; it writes nothing to the connection.
type Call struct {
	jsonw.Writer
	Request *http.Request
	ID      string // request id
	Remote  string // address of the client
	Now     time.Time
	Base    string // "https://crm.example.com", the start of absolute links
	Caller  *service.Caller
	Service *service.Service
	Links   *Links

	params *param.Params
	limits param.Limits
}

// New begins a call. buf is the buffer of the answer.
func New(r *http.Request, buf []byte, limits param.Limits) *Call {
	return &Call{Writer: jsonw.Writer{B: buf}, Request: r, limits: limits}
}

// Handler answers one call.
type Handler func(*Call) error

// Context is the context of the request.
func (c *Call) Context() context.Context { return c.Request.Context() }

// Params decodes the parameters, whatever their encoding, at the first call.
func (c *Call) Params() (*param.Params, error) {
	if c.params != nil {
		return c.params, nil
	}
	p, err := param.Decode(c.Request, c.limits)
	if err != nil {
		var bad *param.Error
		if errors.As(err, &bad) {
			return nil, crm.BadParam(bad.Message, bad.English()).With(bad.Detail)
		}
		return nil, err
	}
	c.params = p
	return p, nil
}

// Close lets go of what the parameters hold.
func (c *Call) Close() {
	if c.params != nil {
		c.params.Close()
	}
}

// BadField turns an accessor's error into the API's, which names the field as
// people call it in that entity: see crm.FieldLabel.
func BadField(entity string, err error) error {
	var bad *param.FieldError
	switch {
	case !errors.As(err, &bad):
		return err
	case bad.Field == "":
		return crm.BadParam(bad.Message, bad.English()).With(bad.Detail)
	}
	return crm.BadParam(bad.For(Named(entity, bad.Field))).With(bad.Detail)
}

// Named is how errors name a field in Chinese and in English: by its label and
// by its name on the wire, since nested records have fields of one label.
func Named(entity, name string) (zh, en string) {
	zh, en = crm.FieldLabel(entity, name)
	return zh + "(" + name + ")", en + " (" + name + ")"
}

// AppendError writes the envelope of an error: form A for a replaced session,
// form B for all others, and the request id beside an internal error. Where
// Data of the error is a func(*jsonw.Writer), it writes what else the envelope
// carries.
func AppendError(w *jsonw.Writer, e *crm.Error, l crm.Language, requestID string) {
	w.Object("")
	w.Int("code", int64(e.Code))
	if e.Bare {
		w.Null("data")
		w.String("message", e.In(l))
	} else {
		w.String("message", e.In(l))
		w.String("error", e.Kind)
	}
	if e.Code == crm.ErrInternal.Code {
		w.String("request_id", requestID)
	}
	if more, ok := e.Data.(func(*jsonw.Writer)); ok {
		more(w)
	}
	w.End()
}
