package pgtest

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestReplica(t *testing.T) {
	t.Parallel()
	c := own(t, Options{})
	ctx := within(t)
	run(t, c, superuser, "CREATE TABLE things (id int); INSERT INTO things VALUES (1)")
	r, err := c.Replica(Options{TCP: true, Settings: map[string]string{"work_mem": "3MB"}})
	must(t, err)
	expect(t, r, superuser, "SHOW work_mem", "3MB")
	open(t, r.TCPURL(superuser))
	const ids = "SELECT string_agg(id::text, ',' ORDER BY id) FROM things"
	expect(t, r, superuser, ids, "1")

	catchUp := func() {
		t.Helper()
		lsn, err := c.CurrentLSN(ctx)
		must(t, err)
		must(t, r.WaitReplayed(ctx, lsn))
	}
	run(t, c, superuser, "INSERT INTO things VALUES (2)")
	catchUp()
	expect(t, r, superuser, ids, "1,2")

	received := func() (lsn string) {
		t.Helper()
		lsn, err := c.CurrentLSN(ctx)
		must(t, err)
		must(t, r.wait(ctx, "SELECT pg_last_wal_receive_lsn() >= '"+lsn+"'"))
		return lsn
	}
	must(t, r.PauseReplay(ctx))
	run(t, c, superuser, "INSERT INTO things VALUES (3)")
	lsn := received()
	expect(t, r, superuser, ids, "1,2")
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := r.WaitReplayed(short, lsn); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a paused replica has replayed: %v", err)
	}
	must(t, r.ResumeReplay(ctx))
	must(t, r.WaitReplayed(ctx, lsn))
	expect(t, r, superuser, ids, "1,2,3")
	reached, err := r.CurrentLSN(ctx)
	must(t, err)
	expect(t, r, superuser, "SELECT '"+reached+"'::pg_lsn >= '"+lsn+"'", "t")

	// Either side goes away and comes back.
	must(t, c.Restart())
	run(t, c, superuser, "INSERT INTO things VALUES (4)")
	catchUp()
	must(t, r.Kill())
	run(t, c, superuser, "INSERT INTO things VALUES (5)")
	must(t, r.Restart())
	catchUp()
	expect(t, r, superuser, ids, "1,2,3,4,5")

	// What was received before the end of the primary is not lost.
	must(t, r.PauseReplay(ctx))
	run(t, c, superuser, "INSERT INTO things VALUES (6)")
	received()
	must(t, c.Kill())
	expect(t, r, superuser, ids, "1,2,3,4,5")
	if err := r.Exec(ctx, superuser, "INSERT INTO things VALUES (7)"); err == nil {
		t.Error("a replica has taken a write")
	}
	must(t, r.Promote(ctx))
	run(t, r, superuser, "INSERT INTO things VALUES (7)")
	expect(t, r, superuser, ids, "1,2,3,4,5,6,7")

	must(t, c.Close())
	if exists(t, r.folder.path) || r.running() {
		t.Error("the replica was not closed with its cluster")
	}
}

func TestNoReplicaOfAServerThatIsDown(t *testing.T) {
	t.Parallel()
	c := own(t, Options{})
	must(t, c.Stop())
	if _, err := c.Replica(Options{}); err == nil {
		t.Error("a replica was made")
	}
	must(t, c.Stop())
}
