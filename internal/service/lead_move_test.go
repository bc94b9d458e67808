package service

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

func TestTakeLead(t *testing.T) {
	w := newLeadWorld(t)
	w.clock.advance(time.Hour)
	now := crm.At(w.clock.Now())
	var last *crm.LeadDetail
	if err := w.TakeLead(t.Context(), w.as(orgA, owner), leadPooled, func(k *crm.LeadDetail) error { last = k; return nil }); err != nil {
		t.Fatal(err)
	}
	l := w.lead(orgA, leadPooled)
	if l.OwnerID != owner || l.DepartmentID != 2 || l.PoolID != 0 || l.BeforePoolID != poolOne || l.HomePoolID != poolOne || l.FlowIntoAt != 0 ||
		l.OwnedAt != now || l.UpdatedAt != now || l.BeforeUserID != colleague || !last.Self || last.Name != "李四" {
		t.Errorf("got %+v, shown %+v", l, last)
	}
	w.logged("lead", leadPooled, "take", "user_id: <nil> → 2", "department_id: <nil> → 2", "lead_common_setting_id: 11 → <nil>")
	// Who was in the pool is told that it is gone; nobody else learns of it.
	for user, want := range map[int64]error{owner: errTaken, colleague: errTaken, boss: errTaken, admin: errTaken, helper: crm.ErrNotFound} {
		err := w.TakeLead(t.Context(), w.as(orgA, user), leadPooled, shown)
		var refusal *crm.Error
		if !errors.Is(err, want) || want == errTaken && (!errors.As(err, &refusal) || refusal.Message != "该线索已被领取") {
			t.Errorf("user %d: %v", user, err)
		}
	}
}

// Of 64 who take a lead at the same time one gets it, and the others are told
// that it has been taken.
func TestManyTakeOneLead(t *testing.T) {
	w := newLeadWorld(t)
	callers := []*Caller{w.as(orgA, owner), w.as(orgA, colleague), w.as(orgA, boss), w.as(orgA, admin)}
	results := atOnce(64, func(i int) error {
		c := *callers[i%len(callers)]
		return w.TakeLead(t.Context(), &c, leadPooled, shown)
	})
	taken := 0
	for _, err := range results {
		switch {
		case err == nil:
			taken++
		case !errors.Is(err, errTaken):
			t.Error(err)
		}
	}
	if taken != 1 || w.query("SELECT count(*) FROM operation_logs WHERE organization_id = $1 AND action = 'take'", orgA) != "1" {
		t.Errorf("%d have taken it", taken)
	}
}

func TestFormerOwnersWait(t *testing.T) {
	w := newLeadWorld(t)
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetPool(&crm.Pool{ID: poolOne, Entity: "lead", Name: "线索池", PoolSettings: crm.PoolSettings{
			Everybody: true, GrabDays: 3, GrabFrom: startOfClock}})
	})
	take := func(user int64) error {
		return w.TakeLead(t.Context(), w.as(orgA, user), leadPooled, undo)
	}
	w.clock.advance(72*time.Hour - time.Millisecond)
	if err := take(colleague); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("the former owner within three days: %v", err)
	}
	if err := take(owner); !errors.Is(err, errUndone) {
		t.Errorf("somebody else: %v", err)
	}
	w.clock.advance(time.Millisecond)
	if err := take(colleague); !errors.Is(err, errUndone) {
		t.Errorf("the former owner after three days: %v", err)
	}
}

func TestTransferLead(t *testing.T) {
	w := newLeadWorld(t)
	if err := w.TransferLead(t.Context(), w.as(orgA, boss), leadOwned, helper, shown); err != nil {
		t.Fatal(err)
	}
	if l := w.lead(orgA, leadOwned); l.OwnerID != helper || l.DepartmentID != 1 || l.BeforeUserID != owner || l.BeforeDepartmentID != 2 {
		t.Errorf("got %+v", l)
	}
	w.logged("lead", leadOwned, "transfer", "user_id: 2 → 7", "department_id: 2 → 1")
	for user, want := range map[int64]string{owner: "transferred lead 1 张三 by 用户3", helper: "transferred lead 1 张三 by 用户3", boss: ""} {
		if got := w.toldOfLeads(user); got != want {
			t.Errorf("user %d was told %q", user, got)
		}
	}
	// To who has it already: nothing is written.
	before := w.kept(orgA)
	if err := w.TransferLead(t.Context(), w.as(orgA, admin), leadOwned, helper, shown); err != nil || w.kept(orgA) != before {
		t.Errorf("%v; there was %s, there is %s", err, before, w.kept(orgA))
	}
	for _, user := range []int64{disabled, 99, 0} {
		if err := w.TransferLead(t.Context(), w.as(orgA, owner), leadAlone, user, shown); !errors.Is(err, crm.Invalid("", "")) {
			t.Errorf("to %d: %v", user, err)
		}
	}
	// Out of a pool: by a manager, to a member.
	for name, transfer := range map[string]func(user int64) error{
		"pool": func(user int64) error {
			return w.TransferPoolLead(t.Context(), w.as(orgA, boss), leadPooled, user, undo)
		},
		"lead": func(user int64) error { return w.TransferLead(t.Context(), w.as(orgA, boss), leadPooled, user, undo) },
	} {
		for user, want := range map[int64]string{owner: "ok", colleague: "ok", boss: "invalid", helper: "invalid", disabled: "invalid", 99: "invalid"} {
			if got := word(transfer(user)); got != want {
				t.Errorf("%s to %d: %s, want %s", name, user, got, want)
			}
		}
	}
	if err := w.TransferPoolLead(t.Context(), w.as(orgA, boss), leadPooled, owner, shown); err != nil {
		t.Fatal(err)
	}
	if l := w.lead(orgA, leadPooled); l.OwnerID != owner || l.PoolID != 0 || l.BeforePoolID != poolOne || l.BeforeUserID != colleague || l.FlowIntoAt != 0 {
		t.Errorf("got %+v", l)
	}
}

func TestPoolLead(t *testing.T) {
	w := newLeadWorld(t)
	w.clock.advance(time.Minute)
	now := crm.At(w.clock.Now())
	if err := w.PoolLead(t.Context(), w.as(orgA, boss), leadOwned, poolOne, shown); err != nil {
		t.Fatal(err)
	}
	l := w.lead(orgA, leadOwned)
	if l.OwnerID != 0 || l.DepartmentID != 0 || l.PoolID != poolOne || l.HomePoolID != poolOne || l.BeforeUserID != owner || l.BeforeDepartmentID != 2 ||
		l.BeforePoolID != 0 || l.FlowIntoAt != now || l.OwnedAt != 0 || l.UpdatedAt != now {
		t.Errorf("got %+v", l)
	}
	w.logged("lead", leadOwned, "turn_common", "user_id: 2 → <nil>", "department_id: 2 → <nil>", "lead_common_setting_id: <nil> → 11",
		"home_common_setting_id: <nil> → 11")
	if got := w.toldOfLeads(owner); got != "turned_common lead 1 张三 by 用户3 into 线索池" {
		t.Errorf("the owner was told %q", got)
	}
	before := w.kept(orgA)
	if err := w.PoolLead(t.Context(), w.as(orgA, boss), leadOwned, poolOne, shown); word(err) != "invalid" || w.kept(orgA) != before {
		t.Errorf("once more into the same pool: %v; there was %s, there is %s", err, before, w.kept(orgA))
	}
	// On to another pool.
	if err := w.PoolLead(t.Context(), w.as(orgA, boss), leadOwned, poolTwo, shown); err != nil {
		t.Fatal(err)
	}
	if l = w.lead(orgA, leadOwned); l.PoolID != poolTwo || l.BeforePoolID != poolOne || l.BeforeUserID != owner || l.HomePoolID != poolTwo {
		t.Errorf("got %+v", l)
	}
	for _, pool := range []int64{1, 99, 0} {
		if err := w.PoolLead(t.Context(), w.as(orgA, owner), leadAlone, pool, shown); !errors.Is(err, crm.Invalid("", "")) {
			t.Errorf("into pool %d: %v", pool, err)
		}
	}
}

func TestSeveralLeads(t *testing.T) {
	w := newLeadWorld(t)
	result := ""
	show := func(out *Several) error {
		result = fmt.Sprint(out.Done)
		for _, f := range out.Failures {
			result += fmt.Sprint(" ", f.ID, " ", word(f.Error))
		}
		return nil
	}
	byBoss := w.as(orgA, boss)
	for _, c := range []struct {
		name string
		call func() error
		want string
	}{
		{"take", func() error { return w.TakeLeads(t.Context(), w.as(orgA, colleague), []int64{99, 2, 1, 2}, show) }, "[2] 1 hidden 99 hidden"},
		{"take again", func() error { return w.TakeLeads(t.Context(), w.as(orgA, owner), []int64{2}, show) }, "[] 2 invalid"},
		{"transfer", func() error { return w.TransferLeads(t.Context(), byBoss, []int64{1, 2, 3, 4}, helper, show) }, "[1 4] 2 hidden 3 invalid"},
		{"transfer again", func() error { return w.TransferLeads(t.Context(), w.as(orgA, helper), []int64{1, 4}, helper, show) }, "[1 4]"},
		{"pool", func() error { return w.PoolLeads(t.Context(), w.as(orgA, admin), []int64{1, 2, 4}, poolTwo, show) }, "[1 2 4]"},
		{"no such pool", func() error { return w.PoolLeads(t.Context(), w.as(orgA, admin), []int64{1}, 99, show) }, "[] 1 invalid"},
		{"delete", func() error { return w.DeleteLeads(t.Context(), byBoss, []int64{1, 2, 3, 99}, show) }, "[1 2 3] 99 hidden"},
	} {
		if err := c.call(); err != nil || result != c.want {
			t.Errorf("%s: %s, %v; want %s", c.name, result, err, c.want)
		}
	}
	for user, want := range map[int64]string{
		helper:    "transferred lead 1 张三 by 用户3; transferred lead 4 张三 by 用户3; turned_common lead 0 张三、张三 by 用户1 into 第二池",
		owner:     "transferred lead 1 张三 by 用户3; transferred lead 4 张三 by 用户3; deleted lead 3 王五 by 用户3",
		colleague: "turned_common lead 2 李四 by 用户1 into 第二池",
	} {
		if got := w.toldOfLeads(user); got != want {
			t.Errorf("user %d was told %q, want %q", user, got, want)
		}
	}
	before := w.kept(orgA)
	for _, ids := range [][]int64{nil, {0}, make([]int64, 0), hundredAndOne()} {
		if err := w.DeleteLeads(t.Context(), byBoss, ids, show); word(err) != "invalid" {
			t.Errorf("%v: %v", ids, err)
		}
	}
	if after := w.kept(orgA); after != before {
		t.Errorf("there was %s, there is %s", before, after)
	}
}

func hundredAndOne() (ids []int64) {
	for id := range int64(101) {
		ids = append(ids, id+1)
	}
	return ids
}
