package service

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"strings"

	"guanxi/internal/column"
	"guanxi/internal/crm"
	"guanxi/internal/lists"
	"guanxi/internal/store"
)

// normalised fills in what a query leaves out.
func normalised(q *crm.ListQuery) *crm.ListQuery {
	n := *q
	n.Page = max(1, n.Page)
	if n.PerPage <= 0 {
		n.PerPage = crm.DefaultPerPage
	}
	n.PerPage = min(n.PerPage, crm.MaxPerPage)
	n.Page = min(n.Page, math.MaxInt32/n.PerPage)
	n.Text = strings.TrimSpace(n.Text)
	return &n
}

func closeCursor(c *column.Cursor) string {
	b, _ := json.Marshal(c)
	return base64.RawURLEncoding.EncodeToString(b)
}

func openCursor(text, sorted string) (*column.Cursor, error) {
	bad := crm.BadParam("cursor不正确", "cursor is not one of this list")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	c := &column.Cursor{}
	if json.Unmarshal(b, c) != nil || c.Column != sorted {
		return nil, bad
	}
	return c, nil
}

// viewList runs fn on a snapshot; once more where a record of the page has gone
// or come between the list and the snapshot. Where fn finds a list behind, that is
// waited for without a snapshot, and fn runs anew.
func (s *Service) viewList(ctx context.Context, org int64, fn func(r *store.Read) (whole bool, err error)) error {
	for try := 0; ; {
		whole := true
		err := s.store.View(ctx, org, func(r *store.Read) (err error) {
			whole, err = fn(r)
			return err
		})
		var behind *lists.Behind
		switch {
		case errors.As(err, &behind):
			if err := s.lists.Bring(ctx, behind); err != nil {
				return err
			}
			continue
		case err != nil || whole || try == 2:
			return err
		}
		try++
	}
}
