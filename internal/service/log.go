package service

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"math"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// LogFilter chooses rows of the operation log; empty fields choose all. Of page
// and cursor the list query says enough; nothing else in it counts.
type LogFilter struct {
	crm.ListQuery
	Entity   string
	EntityID int64
	UserID   int64
	Action   string
	// From and To are days, both within.
	From, To string
}

// Logs gives a page of the operation log, the newest first, for whoever has the
// right operation_log.show: of the whole organization, whatever the data scope.
// Values that the role's field rights or number hiding keep from the caller are
// kept here too, as on a record of the present owner; those of a record that is
// gone as on somebody else's.
//
// ErrForbidden without the right; an invalid_parameter_error for a bad day, a bad
// cursor, and for an id without the kind of record.
func (s *Service) Logs(ctx context.Context, c *Caller, f *LogFilter) (*crm.LogList, error) {
	if !c.Viewer.Role.May(crm.RightShowLogs) {
		return nil, crm.ErrForbidden
	}
	return s.logs(ctx, c, f, nil)
}

// SignInLogs is Logs of what happened to sessions: sign-ins, those that failed
// for a wrong password, and their ends.
func (s *Service) SignInLogs(ctx context.Context, c *Caller, f *LogFilter) (*crm.LogList, error) {
	own := *f
	own.Entity, own.EntityID = "session", 0
	return s.Logs(ctx, c, &own)
}

// RecordLogs is the log of one customer, contact or lead for whoever sees it,
// with or without the right. ErrNotFound where the caller does not see it.
func (s *Service) RecordLogs(ctx context.Context, c *Caller, entity string, id int64, f *LogFilter) (*crm.LogList, error) {
	own := *f
	own.Entity, own.EntityID = entity, id
	return s.logs(ctx, c, &own, func(r *store.Read) error { return s.sees(r, c, entity, id) })
}

// sees refuses a record that the caller does not see, as if it were not there.
func (s *Service) sees(r *store.Read, c *Caller, entity string, id int64) error {
	if entity == "lead" {
		l, err := r.Lead(c.Org(), id)
		if err == nil && reachLead(c, l) == reachNone {
			err = crm.ErrNotFound
		}
		return notFound(err)
	}
	if entity == "contact" {
		k, err := r.Contact(c.Org(), id)
		if err != nil {
			return notFound(err)
		}
		id = k.CustomerID
	}
	customer, err := r.CustomerInShort(c.Org(), id)
	if err != nil {
		return notFound(err)
	}
	return s.visible(r, c, customer)
}

func (s *Service) logs(ctx context.Context, c *Caller, f *LogFilter, may func(*store.Read) error) (*crm.LogList, error) {
	page := normalised(&f.ListQuery)
	q := crm.LogQuery{Entity: f.Entity, EntityID: f.EntityID, UserID: f.UserID, Action: f.Action, To: math.MaxInt64,
		Before: crm.LogEnd, Limit: page.PerPage + 1, Offset: (page.Page - 1) * page.PerPage}
	if f.EntityID != 0 && f.Entity == "" {
		return nil, crm.BadParam("entity_id必须与entity一起使用", "entity_id needs entity")
	}
	if from, ok := Day(f.From); f.From != "" {
		if !ok {
			return nil, badLogDay()
		}
		q.From = crm.Time(from)
	}
	if to, ok := Day(f.To); f.To != "" {
		if !ok {
			return nil, badLogDay()
		}
		q.To = crm.Time(to) + crm.Day - 1
	}
	if f.Cursor != "" {
		b, err := base64.RawURLEncoding.DecodeString(f.Cursor)
		if err != nil || json.Unmarshal(b, &q.Before) != nil {
			return nil, crm.BadParam("cursor不正确", "cursor is not one of this list")
		}
		q.Offset = 0
	}
	var out *crm.LogList
	err := s.store.Latest(ctx, c.Org(), func(r *store.Read) error {
		out = &crm.LogList{ListPage: crm.ListPage{Page: page.Page, PerPage: page.PerPage}}
		if may != nil {
			if err := may(r); err != nil {
				return err
			}
		}
		total, err := r.CountLogs(c.Org(), q)
		if err != nil {
			return err
		}
		rows, err := r.Logs(c.Org(), q)
		if err != nil {
			return err
		}
		out.Total, out.More = int(total), len(rows) > page.PerPage
		if out.More {
			rows = rows[:page.PerPage]
			last := rows[len(rows)-1]
			b, _ := json.Marshal(crm.LogPlace{At: last.At, ID: last.ID}) // of numbers
			out.Cursor = base64.RawURLEncoding.EncodeToString(b)
		}
		out.Items, err = s.logItems(r, c, rows)
		return err
	})
	return out, err
}

func badLogDay() error {
	zh, en := crm.FieldLabel("", "created_at")
	return crm.BadParam(zh+"(created_at)必须是日期", en+" (created_at) must be a date")
}
