package store

import (
	"errors"
	"testing"
	"time"

	"guanxi/internal/pg"
	"guanxi/internal/pgtest"
)

// partLost makes a database in which organizations can be lost one by one, as
// if the machine that holds them were: every statement that touches a row of
// theirs is refused with the code that Citus gives then. lose and back change
// which.
func partLost(t *testing.T) (s *Store, lose, back func(org string)) {
	t.Helper()
	c := pgtest.Shared(t)
	url := c.Fresh(t, "")
	s = openStore(t, url)
	addOrganization(t, s, 1)
	addOrganization(t, s, 2)
	name := pgtest.Database(url)
	do := func(sql string) {
		t.Helper()
		if err := c.Exec(t.Context(), name, sql); err != nil {
			t.Fatal(err)
		}
	}
	do(`CREATE TABLE lost (organization_id bigint PRIMARY KEY);
		CREATE FUNCTION there(org bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
			IF EXISTS (SELECT 1 FROM lost WHERE organization_id = org) THEN
				RAISE EXCEPTION 'connection to the remote node failed' USING ERRCODE = '08006';
			END IF;
			RETURN TRUE;
		END $$;`)
	for _, table := range []string{"organizations", "customers", "contacts", "operation_logs", "id_counters"} {
		do(`ALTER TABLE ` + table + ` RENAME TO real_` + table + `;
			CREATE VIEW ` + table + ` AS SELECT * FROM real_` + table + ` WHERE there(organization_id)`)
	}
	return s, func(org string) { do(`INSERT INTO lost VALUES (` + org + `)`) }, func(org string) { do(`DELETE FROM lost WHERE organization_id = ` + org) }
}

func TestOneOrganizationIsLost(t *testing.T) {
	s, lose, back := partLost(t)
	read := func(org int64) error {
		return s.View(t.Context(), org, func(r *Read) error {
			_, err := r.CustomersByName(org, "甲")
			return err
		})
	}
	write := func(org, id int64) error {
		return s.Update(t.Context(), org, func(w *Write) error {
			return errors.Join(w.AddCustomer(customer(id, "甲")), logged(w, 100+id))
		})
	}
	if err := errors.Join(read(1), read(2), write(1, 1), write(2, 1)); err != nil {
		t.Fatal(err)
	}
	lose("1")
	for _, err := range []error{read(1), read(1), write(1, 2), func() error { _, err := s.FreshVersion(t.Context(), 1); return err }()} {
		if !errors.Is(err, ErrUnavailable) {
			t.Errorf("the lost organization: %v", err)
		}
	}
	if err := errors.Join(read(2), write(2, 2), s.Ping(t.Context())); err != nil {
		t.Errorf("the other organization: %v", err)
	}
	// What others change is learned for those who are there.
	other := openStore(t, databaseOf(s))
	if err := other.Update(t.Context(), 2, func(w *Write) error {
		return errors.Join(w.AddCustomer(customer(3, "甲")), logged(w, 103))
	}); err != nil {
		t.Fatal(err)
	}
	if err := s.Watch(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("a look at all: %v", err)
	}
	if v, err := s.Version(t.Context(), 2); err != nil || v.All != 4 {
		t.Errorf("version %v, %v", v, err)
	}
	back("1")
	until(t, "the lost organization is back", func() bool { return read(1) == nil && write(1, 2) == nil })
	if n := count(t, s, "customers", 1); n != 2 {
		t.Errorf("%d customers of the organization that was lost", n)
	}
}

// While an organization is ill nobody asks for it, however many callers there
// are; then one tries, and the others go on when it succeeds.
func TestIllOrganizationsAreLeftAlone(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	ill := illness{now: func() time.Time { return now }}
	asked := 0
	var answer error = &pg.Error{Code: "08006"}
	guard := func(org int64) error {
		return ill.guard(org, func() error { asked++; return answer })
	}
	for range 500 {
		if err := guard(1); err == nil {
			t.Fatal("no error")
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times in one moment", asked)
	}
	now = now.Add(illFor)
	guard(1)
	guard(1)
	if asked != 2 {
		t.Errorf("asked %d times", asked)
	}
	now, answer = now.Add(illFor), nil
	for range 10 {
		if err := guard(1); err != nil {
			t.Error(err)
		}
	}
	// What is no loss of a part makes nobody ill: a refusal, and a database
	// that does not answer at all.
	for _, answer = range []error{ErrNoRow, &pg.Error{Code: "23505"}, ErrUnavailable} {
		asked = 0
		guard(2)
		guard(2)
		if asked != 2 {
			t.Errorf("%v makes an organization ill", answer)
		}
	}
	for _, nobody := range []int64{installation, everyone} {
		answer, asked = &pg.Error{Code: "08006"}, 0
		guard(nobody)
		guard(nobody)
		if asked != 2 {
			t.Errorf("%d is ill", nobody)
		}
	}
}

// databaseOf is the URL that a store on PostgreSQL was opened with.
func databaseOf(s *Store) string {
	cfg := s.engine.(*pgEngine).pool.cfg
	return "postgres:///" + cfg.Database + "?host=" + cfg.Host + "&user=" + cfg.User
}
