package store

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"guanxi/internal/crm"
)

// logRows are rows of one organization's log, all combinations of a few
// entities, records, users and actions, of which several share a moment.
func logRows() (rows []crm.LogEntry) {
	for i := range 120 {
		rows = append(rows, crm.LogEntry{
			UserID: int64(i % 3), Entity: []string{"customer", "session", "user", "lead"}[i%4], EntityID: int64(i / 4 % 5),
			Action: []string{"create", "update"}[i/2%2], Changes: fmt.Sprintf(`{"name":[null,"%d"]}`, i), RequestID: fmt.Sprint("r", i),
			RemoteAddress: "203.0.113.7", At: testTime + crm.Time(i/7*1000),
		})
	}
	return rows
}

// openLog writes the rows into two organizations; ids do not follow the times.
func openLog(t *testing.T) (*Store, []crm.LogEntry) {
	t.Helper()
	s := openStore(t, "")
	rows := logRows()
	for _, org := range []int64{1, 2} {
		addOrganization(t, s, org)
		err := s.Update(t.Context(), org, func(w *Write) error {
			for i := range rows {
				rows[i].ID = int64(1000 + i*7%120)
				if err := w.Log(rows[i].ID, rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rows = append(rows, crm.LogEntry{ID: 1, UserID: 1, Entity: "customer", EntityID: 1, Action: "create", Changes: "{}", At: testTime})
	slices.SortFunc(rows, func(a, b crm.LogEntry) int {
		if a.At != b.At {
			return int(b.At - a.At)
		}
		return int(b.ID - a.ID)
	})
	return s, rows
}

// queries are all ways to ask, each by itself and together.
func queries() (all []crm.LogQuery) {
	for _, entity := range []string{"", "customer", "session", "none"} {
		for _, id := range []int64{0, 1, 4} {
			for _, user := range []int64{0, 1, 2, 9} {
				for _, action := range []string{"", "update"} {
					for _, span := range [][2]crm.Time{{0, math.MaxInt64}, {testTime + 3000, testTime + 9000}, {testTime + 99000, math.MaxInt64}} {
						if entity != "" || id == 0 {
							all = append(all, crm.LogQuery{Entity: entity, EntityID: id, UserID: user, Action: action, From: span[0], To: span[1],
								Before: crm.LogEnd, Limit: 10})
						}
					}
				}
			}
		}
	}
	return all
}

func matches(e *crm.LogEntry, q crm.LogQuery) bool {
	return (q.Entity == "" || e.Entity == q.Entity) && (q.EntityID == 0 || e.EntityID == q.EntityID) &&
		(q.UserID == 0 || e.UserID == q.UserID) && (q.Action == "" || e.Action == q.Action) && e.At >= q.From && e.At <= q.To
}

func TestLogs(t *testing.T) {
	s, rows := openLog(t)
	for _, q := range queries() {
		var want []crm.LogEntry
		for i := range rows {
			if matches(&rows[i], q) {
				want = append(want, rows[i])
			}
		}
		err := s.View(t.Context(), 1, func(r *Read) error {
			n, err := r.CountLogs(1, q)
			if err != nil {
				return err
			}
			if n != int64(len(want)) {
				t.Errorf("%+v: %d rows, want %d", q, n, len(want))
			}
			// By pages, and by the last row of the page before.
			for _, byPlace := range []bool{false, true} {
				var got []crm.LogEntry
				for q := q; ; {
					page, err := r.Logs(1, q)
					if err != nil {
						return err
					}
					if len(page) == 0 {
						break
					}
					got = append(got, page...)
					if last := page[len(page)-1]; byPlace {
						q.Before = crm.LogPlace{At: last.At, ID: last.ID}
					} else {
						q.Offset += len(page)
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("%+v, by place %v:\n%+v\nwant\n%+v", q, byPlace, got, want)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A page is read out of an index in its order, however long the log is; only the
// rows of one record are sorted.
func TestPlansOfLogs(t *testing.T) {
	s := openFile(t, newFile(t))
	for sql, index := range map[string]string{
		logsOfAll: "operation_logs_time", logsOfKind: "operation_logs_kind", logsOfRecord: "operation_logs_entity", logsOfUser: "operation_logs_user",
		countOfAll: "COVERING INDEX operation_logs_time", countOfKind: "COVERING INDEX operation_logs_kind",
		countOfUser: "COVERING INDEX operation_logs_user", countOfRecord: "operation_logs_entity",
	} {
		var plan []string
		var args []any
		for i := 1; strings.Contains(sql, fmt.Sprint("$", i)); i++ {
			args = append(args, 1)
		}
		err := s.engine.view(t.Context(), installation, func(tx Tx) error {
			plan = nil
			return each(tx, "EXPLAIN QUERY PLAN "+sql, args, func(r Rows) error {
				var id, parent, unused int64
				var detail string
				err := r.Scan(&id, &parent, &unused, &detail)
				plan = append(plan, detail)
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "; "); !strings.Contains(text, index) || strings.Contains(text, "B-TREE") && sql != logsOfRecord {
			t.Errorf("%s\n%s", text, sql)
		}
	}
}

func TestSignInAddress(t *testing.T) {
	s := openStore(t, "")
	addOrganization(t, s, 1)
	err := s.Update(t.Context(), 1, func(w *Write) error {
		for i, action := range []string{crm.LogSignIn, crm.LogSignOut} {
			e := crm.LogEntry{UserID: 1, Entity: "session", EntityID: 7, Action: action, Changes: "{}", RemoteAddress: fmt.Sprint("203.0.113.", i), At: testTime}
			if err := w.Log(int64(50+i), e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for session, want := range map[int64]string{7: "203.0.113.0", 8: ""} {
		err := s.View(t.Context(), 1, func(r *Read) error {
			got, err := r.SignInAddress(1, session)
			if got != want {
				t.Errorf("session %d came from %q, want %q", session, got, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
