package v2

import (
	"context"
	"strings"

	"guanxi/internal/api/call"
	"guanxi/internal/crm"
	"guanxi/internal/service"
)

// logFilter reads what the logs are filtered by.
func logFilter(c *call.Call) (*service.LogFilter, error) {
	p, err := c.Params()
	if err != nil {
		return nil, err
	}
	f := &service.LogFilter{Entity: strings.ToLower(p.String("entity")), Action: p.String("action")}
	f.Cursor = p.String("cursor")
	if f.Page, f.PerPage, err = paging(p); err != nil {
		return nil, err
	}
	if f.EntityID, err = optionalID(p, "", "entity_id"); err != nil {
		return nil, err
	}
	if f.UserID, err = optionalID(p, "user", "user_id"); err != nil {
		return nil, err
	}
	days, given, err := filter("", "created_at", p.Get("created_at"))
	if err != nil {
		return nil, err
	}
	if given {
		f.From, f.To = days.From, days.To
	}
	return f, nil
}

// OperationLogs answers GET /api/v2/operation_logs.
func OperationLogs(c *call.Call) error {
	return logs(c, "operation_logs", c.Service.Logs, (*shape).logRow)
}

// LoginLogs answers GET /api/v2/login_logs.
func LoginLogs(c *call.Call) error {
	return logs(c, "login_logs", c.Service.SignInLogs, (*shape).loginRow)
}

// RecordLogs answers GET /api/v2/customers/:id/logs and its like.
func RecordLogs(entity string) call.Handler {
	return func(c *call.Call) error {
		return withID(c, func(id int64) error {
			return logs(c, "operation_logs", func(ctx context.Context, caller *service.Caller, f *service.LogFilter) (*crm.LogList, error) {
				return c.Service.RecordLogs(ctx, caller, entity, id, f)
			}, (*shape).logRow)
		})
	}
}

func logs(c *call.Call, name string, read func(context.Context, *service.Caller, *service.LogFilter) (*crm.LogList, error),
	row func(*shape, *crm.LogItem)) error {
	f, err := logFilter(c)
	if err != nil {
		return err
	}
	found, err := read(c.Context(), c.Caller, f)
	if err != nil {
		return err
	}
	s := shapes(c)
	s.page(name, found.ListPage, len(found.Items), func(i int) {
		s.Object("")
		row(s, &found.Items[i])
		s.End()
	})
	return nil
}

func (s *shape) logRow(e *crm.LogItem) {
	s.logHead(e)
	s.String("entity", e.Entity)
	s.Int("entity_id", e.EntityID)
	s.String("action", e.Action)
	s.Array("changes")
	for _, v := range e.Values {
		s.Object("")
		s.String("field", v.Field)
		s.String("label", logLabel(s.d, e.Entity, v.Field))
		s.Raw("before", v.Before)
		s.Raw("after", v.After)
		s.String("before_display", v.BeforeText)
		s.String("after_display", v.AfterText)
		s.End()
	}
	s.EndArray()
	s.String("request_id", e.RequestID)
	s.String("remote_address", e.RemoteAddress)
	s.iso("created_at", e.At)
}

// logHead is who it was; id 0 and no name is the system itself.
func (s *shape) logHead(e *crm.LogItem) {
	s.Int("id", e.ID)
	s.Int("user_id", e.UserID)
	s.String("user_name", s.d.UserName(e.UserID))
}

func (s *shape) loginRow(e *crm.LogItem) {
	values := map[string]string{}
	for _, v := range e.Values {
		values[v.Field] = v.AfterText
	}
	s.logHead(e)
	s.String("action", e.Action)
	s.Bool("is_success", e.Action != crm.LogSignInFailed)
	s.Int("session_id", e.EntityID)
	s.String("device", values["device"])
	s.String("device_kind", values["device_kind"])
	s.String("version_code", values["version_code"])
	s.String("remote_address", e.RemoteAddress)
	s.String("request_id", e.RequestID)
	s.iso("created_at", e.At)
}

// logLabel is a field as people call it.
func logLabel(d *crm.Directory, entity, name string) string {
	for _, f := range d.Fields[entity] {
		if f.Name == name {
			return f.Label
		}
	}
	if right, ok := strings.CutPrefix(name, "permissions."); ok {
		for _, r := range crm.RightTable() {
			if r.Name == right {
				return r.Zh
			}
		}
	}
	if field, ok := strings.CutPrefix(name, "field_permissions."); ok {
		return hideableLabel(d, field)
	}
	label, _ := crm.FieldLabel(entity, name)
	return label
}

// hideableLabel is a field with its entity, as people call it.
func hideableLabel(d *crm.Directory, name string) string {
	entity, field, _ := strings.Cut(name, ".")
	kind := map[string]string{"customer": "客户", "contact": "联系人", "lead": "线索"}[entity]
	return kind + "-" + logLabel(d, entity, field)
}
