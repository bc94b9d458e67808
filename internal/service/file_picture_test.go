package service

import (
	"errors"
	"fmt"
	"testing"

	"guanxi/internal/crm"
)

func (w *fileWorld) setCard(c *Caller, kind string, id int64, in *Picture) (out *crm.Attachment, err error) {
	one, _ := acting(c, "")
	one.Act.Unmodified = unmodified(c)
	err = w.SetCard(w.t.Context(), one, kind, id, in, func(a *crm.Attachment) error {
		out = a
		return nil
	})
	return out, err
}

func (w *fileWorld) removeCard(c *Caller, kind string, id int64) (out *crm.Attachment, err error) {
	one, _ := acting(c, "")
	err = w.RemoveCard(w.t.Context(), one, kind, id, func(a *crm.Attachment) error {
		out = a
		return nil
	})
	return out, err
}

func uploaded(name, content string) *Picture {
	u := uploadOf(name, content)
	return &Picture{Upload: &u}
}

// The card of a contact and of a lead: a new picture takes the place of the
// former one, whose file goes.
func TestCards(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	card := func(kind string) int64 {
		if kind == crm.OfLead {
			l, err := w.LeadDetail(t.Context(), c, 1)
			if err != nil {
				t.Fatal(err)
			}
			if l.Card != nil {
				return l.Card.ID
			}
			return 0
		}
		k, err := w.ContactDetail(t.Context(), c, 1)
		if err != nil {
			t.Fatal(err)
		}
		if k.Card != nil {
			return k.Card.ID
		}
		return 0
	}
	for _, kind := range []string{crm.OfContact, crm.OfLead} {
		first, err := w.setCard(c, kind, 1, uploaded("one.png", pngFile()))
		if err != nil || first.OwnerType != kind || first.OwnerID != 1 || card(kind) != first.ID {
			t.Fatalf("%s: %+v, %v; it shows %d", kind, first, err, card(kind))
		}
		w.logged(crm.FileEntity(kind), 1, "update", fmt.Sprint("card_attachment_id: <nil> → ", first.ID))
		if got := w.names(c, kind, 1); got != "" {
			t.Errorf("%s: the card is among the files: %s", kind, got)
		}
		free := w.must(c, "", 0, "two.png", pngFile())
		second, err := w.setCard(c, kind, 1, &Picture{ID: free.ID})
		if err != nil || second.ID != free.ID || second.OwnerType != kind || card(kind) != free.ID {
			t.Errorf("%s: %+v, %v; it shows %d", kind, second, err, card(kind))
		}
		if _, err := w.File(t.Context(), c, first.ID); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s: the former card is still there: %v", kind, err)
		}
		before := w.rows(orgA)
		if again, err := w.setCard(c, kind, 1, &Picture{ID: free.ID}); err != nil || again.ID != free.ID || w.rows(orgA) != before {
			t.Errorf("%s: the same card again: %v", kind, err)
		}
		for name, in := range map[string]*Picture{
			"no picture":        uploaded("a.pdf", "%PDF-1.7"),
			"a drawing":         uploaded("a.svg", "<svg/>"),
			"not there":         {ID: 999},
			"somebody else's":   {ID: w.must(w.as(orgA, boss), "", 0, "x.png", pngFile()).ID},
			"another record's":  {ID: w.must(c, crm.OfCustomer, 1, "x.png", pngFile()).ID},
			"an upload, no PNG": {ID: w.must(c, "", 0, "a.txt", "text").ID},
		} {
			rows, keys := w.rows(orgA), len(w.keys())
			if _, err := w.setCard(c, kind, 1, in); !errors.Is(err, crm.Invalid("", "")) {
				t.Errorf("%s, %s: %v", kind, name, err)
			}
			if w.rows(orgA) != rows || len(w.keys()) != keys {
				t.Errorf("%s, %s: there was %s and is %s", kind, name, rows, w.rows(orgA))
			}
		}
		for user, want := range map[int64]error{colleague: crm.ErrNotFound, powerless: crm.ErrForbidden} {
			if _, err := w.setCard(w.as(orgA, user), kind, 1, uploaded("x.png", pngFile())); !errors.Is(err, want) {
				t.Errorf("%s, user %d: %v", kind, user, err)
			}
			if _, err := w.removeCard(w.as(orgA, user), kind, 1); !errors.Is(err, want) {
				t.Errorf("%s, user %d removes: %v", kind, user, err)
			}
		}
		if _, err := w.setCard(seenAt(c, 1), kind, 1, uploaded("x.png", pngFile())); !errors.Is(err, crm.Conflict) {
			t.Errorf("%s: changed since: %v", kind, err)
		}
		if gone, err := w.removeCard(c, kind, 1); err != nil || gone.ID != free.ID || card(kind) != 0 {
			t.Errorf("%s: removed %+v, %v; it shows %d", kind, gone, err, card(kind))
		}
		if none, err := w.removeCard(c, kind, 1); err != nil || none != nil {
			t.Errorf("%s: removed again: %+v, %v", kind, none, err)
		}
		// A card is taken off its record when its file is deleted.
		third, err := w.setCard(c, kind, 1, uploaded("three.png", pngFile()))
		if err != nil {
			t.Fatal(err)
		}
		if err := w.remove(c, third.ID); err != nil || card(kind) != 0 {
			t.Errorf("%s: deleted: %v; it shows %d", kind, err, card(kind))
		}
	}
}

// A card may come with a create and with an update.
func TestCardInWrites(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	free := w.must(c, "", 0, "one.png", pngFile())
	in := simpleContact(1)
	in.CardID = free.ID
	id, err := w.createContact(c, in, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := w.File(t.Context(), c, free.ID)
	if err != nil || a.OwnerType != crm.OfContact || a.OwnerID != id {
		t.Errorf("%+v, %v", a, err)
	}
	in = simpleContact(1)
	in.CardID = free.ID
	if _, err := w.createContact(c, in, ""); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("another's card: %v", err)
	}
	second := w.must(c, "", 0, "two.png", pngFile())
	for _, now := range []int64{second.ID, second.ID, 0} {
		if _, err := w.updateContact(c, id, func(k *crm.Contact) { k.CardID = now }); err != nil {
			t.Errorf("to %d: %v", now, err)
		}
	}
	for _, gone := range []int64{free.ID, second.ID} {
		if _, err := w.File(t.Context(), c, gone); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("card %d is still there: %v", gone, err)
		}
	}
	// A file of a custom field is not a card too, since it goes with the field.
	both := w.must(c, "", 0, "both.png", pngFile())
	if _, err := w.updateContact(c, id, func(k *crm.Contact) {
		k.CardID, k.Custom = both.ID, crm.Values(fmt.Sprintf(`{"file_asset_000001":[%d]}`, both.ID))
	}); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("a field's file as card: %v", err)
	}
	nested := w.must(c, "", 0, "nested.png", pngFile())
	customer := simpleCustomer()
	customer.Contacts[0].CardID = nested.ID
	if _, err := w.create(c, customer, ""); err != nil {
		t.Fatal(err)
	}
	if a, err := w.File(t.Context(), c, nested.ID); err != nil || a.OwnerType != crm.OfContact {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestAvatars(t *testing.T) {
	w := newFileWorld(t)
	set := func(c *Caller, user int64, in *Picture) (out *crm.User, err error) {
		one, _ := acting(c, "")
		err = w.SetAvatar(t.Context(), one, user, in, func(u *crm.User, a *crm.Attachment) error {
			if u.AvatarID != a.ID || u.AvatarName != a.FileName {
				t.Errorf("shown: %+v, %+v", u, a)
			}
			out = u
			return nil
		})
		return out, err
	}
	known := func(user int64) *crm.User {
		d, err := w.Organization(t.Context(), orgA)
		if err != nil {
			t.Fatal(err)
		}
		return d.Users[user]
	}
	own := w.as(orgA, owner)
	first, err := set(own, owner, uploaded("me.png", pngFile()))
	if err != nil || known(owner).AvatarID != first.AvatarID || known(owner).AvatarName != "me.png" {
		t.Fatalf("%+v, %v; the directory has %+v", first, err, known(owner))
	}
	w.logged("user", owner, "update", fmt.Sprint("avatar_attachment_id: <nil> → ", first.AvatarID))
	if _, err := set(w.as(orgA, colleague), owner, uploaded("x.png", pngFile())); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a colleague: %v", err)
	}
	if _, err := set(own, 99, uploaded("x.png", pngFile())); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("nobody's: %v", err)
	}
	if _, err := set(own, owner, uploaded("x.pdf", "%PDF-1.7")); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("no picture: %v", err)
	}
	root := w.as(orgA, admin)
	second, err := set(root, owner, uploaded("new.png", pngFile()))
	if err != nil || known(owner).AvatarID != second.AvatarID {
		t.Fatalf("an administrator: %+v, %v", second, err)
	}
	if _, err := w.File(t.Context(), root, first.AvatarID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the former avatar is still there: %v", err)
	}
	if _, err := w.File(t.Context(), w.as(orgA, colleague), second.AvatarID); err != nil {
		t.Errorf("a colleague does not see the avatar: %v", err)
	}
	if err := w.remove(w.as(orgA, colleague), second.AvatarID); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a colleague deletes the avatar: %v", err)
	}
	if err := w.remove(w.as(orgA, owner), second.AvatarID); err != nil || known(owner).AvatarID != 0 {
		t.Errorf("deleted: %v; the directory has %+v", err, known(owner))
	}
	if _, err := set(w.as(orgA, owner), owner, uploaded("third.png", pngFile())); err != nil {
		t.Fatal(err)
	}
	one, _ := acting(w.as(orgA, owner), "")
	if err := w.RemoveAvatar(t.Context(), one, owner, func(u *crm.User, a *crm.Attachment) error {
		if u.AvatarID != 0 || a != nil {
			t.Errorf("shown: %+v, %+v", u, a)
		}
		return nil
	}); err != nil || known(owner).AvatarID != 0 {
		t.Errorf("removed: %v; the directory has %+v", err, known(owner))
	}
}
