package service

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// noticeCase is the row of the purge of notices in kindCases.
var noticeCase = kindCase{
	fill: func(tx *store.Write) error {
		var errs []error
		for i := range int64(1201) {
			n := crm.Notice{ID: 1 + i, UserID: 1 + i%3, Kind: crm.NoticeMoved, Entity: "customer", EntityID: i, Content: "{}",
				CreatedAt: startOfClock - oneDay*crm.Time(i%300)}
			if i%2 == 0 {
				n.ReadAt = startOfClock
			}
			errs = append(errs, tx.AddNotice(&n))
		}
		return errors.Join(errs...)
	},
	effect: func(w *world) string {
		const of = " FROM notifications WHERE organization_id = $1"
		return fmt.Sprint(w.query("SELECT count(*)"+of, orgA), " notices from ", w.query("SELECT min(created_at)"+of, orgA), "; ",
			w.query("SELECT count(*)"+of, orgB), " elsewhere")
	},
}

func TestNoticesLiveFor180Days(t *testing.T) {
	w := jobWorld(t, "purge.notices", noticeCase)
	for _, k := range w.JobKinds() {
		if k.Name != "purge.notices" {
			continue
		}
		if err := k.Handle(t.Context(), w.claimed(k.Name)); err != nil {
			t.Fatal(err)
		}
	}
	// Ages of 0 to 299 days: the claim comes a minute later, so 179 days are the most.
	if got, want := noticeCase.effect(w), fmt.Sprint("721 notices from ", startOfClock-179*oneDay, "; 1201 elsewhere"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// notices adds notices past the service: three for the owner, one for the boss.
func (w *world) notices() {
	w.amend(orgA, func(tx *store.Write) error {
		var errs []error
		for id, user := range map[int64]int64{1: owner, 2: owner, 3: boss, 4: owner} {
			errs = append(errs, tx.AddNotice(&crm.Notice{ID: id, UserID: user, Kind: crm.NoticeDeleted, Entity: "customer", EntityID: id,
				Content: `{"name":"甲","by":"乙"}`, CreatedAt: startOfClock}))
		}
		return errors.Join(append(errs, tx.SkipIDs(store.Notices, 4))...)
	})
}

func ids(found []crm.Notice) (out []int64) {
	for _, n := range found {
		out = append(out, n.ID)
	}
	return out
}

func TestNotices(t *testing.T) {
	w := poolWorld(t)
	w.notices()
	c := w.as(orgA, owner)
	look := func(unread bool, page, perPage int, wantIDs []int64, wantTotal, wantUnread int, more bool) {
		t.Helper()
		found, p, n, err := w.Notices(t.Context(), c, unread, page, perPage)
		if err != nil || !slices.Equal(ids(found), wantIDs) || p.Total != wantTotal || n != wantUnread || p.More != more {
			t.Errorf("%v, %+v, %d unread, %v", ids(found), p, n, err)
		}
	}
	look(false, 1, 2, []int64{4, 2}, 3, 3, true)
	look(false, 2, 2, []int64{1}, 3, 3, false)
	look(false, 9, 100, nil, 3, 3, false)
	look(false, 1<<31-1, 100, nil, 3, 3, false)
	version := w.query("SELECT version FROM organizations WHERE organization_id = $1", orgA)
	unread := -1
	show := func(n int) error { unread = n; return nil }
	if err := w.ReadNotices(t.Context(), c, []int64{2}, show); err != nil || unread != 2 {
		t.Errorf("%d unread, %v", unread, err)
	}
	look(true, 1, 15, []int64{4, 1}, 2, 2, false)
	before := w.rows(orgA)
	if err := w.ReadNotices(t.Context(), c, []int64{2}, show); err != nil || unread != 2 || w.rows(orgA) != before {
		t.Errorf("once more: %d unread, %v", unread, err)
	}
	for _, foreign := range [][]int64{{3}, {4, 3}, {99}} {
		if err := w.ReadNotices(t.Context(), c, foreign, show); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%v: %v", foreign, err)
		}
	}
	look(true, 1, 15, []int64{4, 1}, 2, 2, false)
	if err := w.ReadNotices(t.Context(), w.as(orgB, owner), []int64{1}, show); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("another organization's: %v", err)
	}
	if err := w.ReadAllNotices(t.Context(), c, show); err != nil || unread != 0 {
		t.Errorf("%d unread, %v", unread, err)
	}
	look(true, 1, 15, nil, 0, 0, false)
	look(false, 1, 15, []int64{4, 2, 1}, 3, 0, false)
	if n := w.query("SELECT count(*) FROM notifications WHERE organization_id = $1 AND read_at IS NULL", orgA); n != "1" {
		t.Errorf("%s notices of others are unread", n)
	}
	if now := w.query("SELECT version FROM organizations WHERE organization_id = $1", orgA); now != version {
		t.Error("the version has moved, and all ETags with it")
	}
}
