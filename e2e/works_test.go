package e2e

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A work is a job of the server that a kill cuts off. begin asks for it while
// the server runs, dead may touch the database while none does, and end wants it
// done after the next start.
type work struct {
	name             string
	begin, dead, end func()
}

// worksOf gives the works of a round. Every third round has none: its server
// meets the files exactly as the dead one left them.
func (w *writes) worksOf(round int) []work {
	switch round % 3 {
	case 0:
		return []work{w.buildKeys(), w.handOver(round / 3), w.expire()}
	case 1:
		return []work{w.fallIntoPool(), w.buildKeys(), w.expire()}
	}
	return nil
}

// expire lets the claims of the dead server run out, which takes half a minute
// otherwise.
func (w *writes) expire() work {
	return work{name: "expire", begin: nothing, end: nothing, dead: func() {
		w.edit(func(db *sql.Tx) error {
			_, err := db.Exec("UPDATE jobs SET due_at = 1 WHERE organization_id = 1 AND state = 'running'")
			return err
		})
	}}
}

func nothing() {}

// helpers are as many requests of a work as are under way at once.
const helpers = 8

// fill makes n customers for a work, whose names begin with a word.
func (w *writes) fill(word string, n int, more pairs) {
	w.t.Helper()
	var next atomic.Int64
	var all sync.WaitGroup
	for range helpers {
		all.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				fields := append(pairs{{"customer[name]", fmt.Sprintf("%s%d号公司", word, w.serial.Add(1))}}, more...)
				a, err := w.client.send(w.t.Context(), "POST", "/api/v2/customers", formType, fields.form())
				if err != nil || a.code() != 0 {
					w.t.Errorf("fill: %v %v", err, a)
					return
				}
			}
		})
	}
	all.Wait()
	if w.t.Failed() {
		w.t.FailNow()
	}
}

// buildKeys lets the company's name take part in the check for duplicates, or
// take part no more. Keys are built for all that is there, or forgotten.
func (w *writes) buildKeys() work {
	const path = "/api/v2/duplicates/field_setting?entity_type=customer"
	fields := func() []string {
		var data struct {
			Fields []struct {
				Name, State string
			}
		}
		w.client.get(w.t, path).into(w.t, &data)
		var names []string
		for _, f := range data.Fields {
			names = append(names, f.Name)
		}
		return names
	}
	var wanted []string
	return work{name: "keys", begin: func() {
		wanted = fields()
		if i := slices.Index(wanted, "company_name"); i >= 0 {
			wanted = slices.Delete(wanted, i, i+1)
		} else {
			wanted = append(wanted, "company_name")
		}
		body, _ := json.Marshal(map[string]any{"fields": wanted}) // texts always marshal
		w.client.do(w.t, "PUT", path, "application/json", string(body)).expect(w.t, 0)
	}, dead: nothing, end: func() {
		w.wait("keys are built or forgotten", "duplicates.")
		if now := fields(); !slices.Equal(now, wanted) {
			w.t.Errorf("the fields that take part are %v, wanted %v", now, wanted)
		}
	}}
}

// handOver gives all that one user has to another; the next time it goes back.
func (w *writes) handOver(turn int) work {
	const each = 120
	from, to := w.staff[2], w.staff[3]
	if turn%2 == 1 {
		from, to = to, from
	}
	owned := func(user int64) (n int) {
		var page struct {
			Total int `json:"total_count"`
		}
		w.client.get(w.t, fmt.Sprintf("/api/v2/customers?user_id=%d&per_page=1", user)).into(w.t, &page)
		return page.Total
	}
	var all int
	return work{name: "hand-over", begin: func() {
		w.fill("交接", each, pairs{{"customer[user_id]", fmt.Sprint(from)}})
		all = owned(from) + owned(to)
		w.client.do(w.t, "POST", fmt.Sprintf("/api/v2/users/%d/hand_over", from), formType, fmt.Sprintf("to_user_id=%d", to)).expect(w.t, 0)
	}, dead: nothing, end: func() {
		w.wait("everything is handed over", "user.hand_over")
		if a, b := owned(from), owned(to); a != 0 || b != all {
			w.t.Errorf("after the hand-over one has %d customers and the other %d of %d", a, b, all)
		}
	}}
}

// fallIntoPool makes customers fall into a pool after the next start: while no
// server runs, time is set back on them, on the pool and on the job.
func (w *writes) fallIntoPool() work {
	const each = 250 // several transactions
	var word string
	prepared := false
	return work{name: "fall", begin: func() {
		word = fmt.Sprintf("落海%d", w.serial.Add(1))
		w.fill(word, each, pairs{{"customer[user_id]", fmt.Sprint(w.staff[0])}})
		w.client.do(w.t, "PUT", fmt.Sprintf("/api/v2/common_settings/%d", w.pool), "application/json",
			`{"common_setting":{"rule_type":1,"rule_config":{"owner":{"max_unfollow_day":"10","flow_into_type":"all"}}}}`).expect(w.t, 0)
	}, dead: func() {
		prepared = true
		long := time.Now().Add(-60 * 24 * time.Hour).UnixMilli()
		w.edit(func(db *sql.Tx) error {
			_, err := db.Exec(`UPDATE customers SET created_at = $1, owned_at = $1 WHERE organization_id = 1 AND name LIKE $2`, long, word+"%")
			if err != nil {
				return err
			}
			var settings string
			if err := db.QueryRow(`SELECT settings FROM customer_pools WHERE organization_id = 1 AND id = $1`, w.pool).Scan(&settings); err != nil {
				return err
			}
			var all map[string]any
			if err := json.Unmarshal([]byte(settings), &all); err != nil {
				return err
			}
			rule, _ := all["unfollowed"].(map[string]any)
			if rule == nil {
				return fmt.Errorf("the pool has no rule: %s", settings)
			}
			rule["since"] = long
			b, _ := json.Marshal(all) // it was JSON before
			if _, err := db.Exec(`UPDATE customer_pools SET settings = $1, created_at = $2 WHERE organization_id = 1 AND id = $3`,
				string(b), long, w.pool); err != nil {
				return err
			}
			_, err = db.Exec(`UPDATE jobs SET due_at = 1, cursor = '', result = '' WHERE organization_id = 1 AND kind = 'pools.fall'`)
			return err
		})
		w.killWhen("SELECT count(*) FROM customers WHERE organization_id = 1 AND pool_id IS NOT NULL AND name LIKE '" + word + "%'")
	}, end: func() {
		if !prepared {
			return // the database was killed: nobody could set the time back
		}
		until(w.t, word+" falls", func(ctx context.Context) bool {
			a, err := w.client.send(ctx, "GET", "/api/v2/customers?tab_type=common&per_page=1&query="+word, "", "")
			var page struct {
				Total int `json:"total_count"`
			}
			return err == nil && a.decode(&page) == nil && page.Total == each
		})
	}}
}

// killWhen starts a server, and kills it as soon as a query counts something.
func (w *writes) killWhen(query string) {
	w.t.Helper()
	server := start(w.t, w.data)
	db := w.beside()
	defer db.Close()
	until(w.t, "the work begins", func(context.Context) bool {
		begun := false
		err := report(db, query, func(n string) { begun = n != "0" })
		return err == nil && begun
	})
	server.kill()
}

// beside opens the database itself, beside the server or while none runs.
func (w *writes) beside() *sql.DB {
	w.t.Helper()
	driver, source := "pgx", databaseOf(w.t, w.data)
	if source == "" {
		driver, source = "sqlite", "file:"+filepath.Join(w.data, "guanxi.db")
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		w.t.Fatal(err)
	}
	return db
}

// edit changes the database while no server runs.
func (w *writes) edit(fn func(*sql.Tx) error) {
	w.t.Helper()
	db := w.beside()
	defer db.Close()
	tx, err := db.Begin()
	if err == nil {
		if err = fn(tx); err == nil {
			err = tx.Commit()
		}
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// wait waits until no job of a kind is left to do.
func (w *writes) wait(what, kind string) {
	w.t.Helper()
	db := w.beside()
	defer db.Close()
	until(w.t, what, func(context.Context) bool {
		left := 0
		err := report(db, "SELECT kind FROM jobs WHERE organization_id = 1 AND state NOT IN ('done', 'failed', 'cancelled')", func(k string) {
			if strings.HasPrefix(k, kind) {
				left++
			}
		})
		return err == nil && left == 0
	})
}

// checkRows looks at the database while nobody writes.
func (w *writes) checkRows() {
	w.t.Helper()
	db := openDatabase(w.t, w.data)
	defer db.Close()
	checkDatabase(w.t, w.data, db)
	checkBytes(w.t, w.data, db)
	if err := report(db, `SELECT entity_id FROM operation_logs WHERE organization_id = 1 AND action = 'flow_into_common'
		GROUP BY entity, entity_id HAVING count(*) > 1`, func(id string) {
		w.t.Errorf("customer %s fell twice", id)
	}); err != nil {
		w.t.Error(err)
	}
}
