package service

import (
	"errors"
	"fmt"
	"testing"

	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// Who sees a record sees its files, who may edit it uploads, renames, attaches
// and deletes; an upload that belongs to nothing is its uploader's alone.
func TestWhoSeesFiles(t *testing.T) {
	w := newFileWorld(t)
	root := w.as(orgA, admin)
	callers := []int64{admin, owner, boss, colleague, inSales, wholeFirm, helper, masked, blinded, powerless}
	for _, x := range []struct {
		kind string
		id   int64
		want [10]string
	}{
		{crm.OfCustomer, 1, [10]string{"edit", "edit", "edit", "none", "edit", "edit", "edit", "edit", "edit", "see"}},
		{crm.OfContact, 1, [10]string{"edit", "edit", "edit", "none", "edit", "edit", "edit", "edit", "edit", "see"}},
		// In the pool of the sales department, which boss manages.
		{crm.OfCustomer, 2, [10]string{"edit", "see", "edit", "see", "see", "see", "none", "see", "see", "see"}},
		{crm.OfContact, 3, [10]string{"edit", "see", "edit", "see", "see", "see", "none", "see", "see", "see"}},
		{crm.OfLead, 1, [10]string{"edit", "edit", "edit", "none", "edit", "edit", "none", "edit", "edit", "see"}},
		{crm.OfLead, 2, [10]string{"edit", "see", "see", "see", "see", "see", "see", "see", "see", "see"}},
		{crm.OfUser, colleague, [10]string{"edit", "see", "see", "edit", "see", "see", "see", "see", "see", "see"}},
	} {
		kept := w.must(root, x.kind, x.id, "kept.pdf", "%PDF-1.7")
		for i, user := range callers {
			c, want := w.as(orgA, user), x.want[i]
			_, see := w.File(t.Context(), c, kept.ID)
			_, edit := w.rename(c, kept.ID, "kept.pdf", "")
			if got := access(see, edit); got != want {
				t.Errorf("%s %d, user %d: reads and renames: %s, want %s", x.kind, x.id, user, got, want)
			}
			_, _, list := w.Files(t.Context(), c, x.kind, x.id, &crm.ListQuery{})
			mine, upload := w.add(c, x.kind, x.id, "mine.txt", "text")
			if got := access(list, upload); got != want {
				t.Errorf("%s %d, user %d: lists and uploads: %s, want %s", x.kind, x.id, user, got, want)
			}
			free := w.must(c, "", 0, "free.txt", "text")
			_, attach := w.attach(c, free.ID, x.kind, x.id)
			if got := access(list, attach); got != want {
				t.Errorf("%s %d, user %d: attaches: %s, want %s", x.kind, x.id, user, got, want)
			}
			if mine == nil {
				mine = w.must(root, x.kind, x.id, "mine.txt", "text")
			}
			if got := access(see, w.remove(c, mine.ID)); got != want {
				t.Errorf("%s %d, user %d: deletes: %s, want %s", x.kind, x.id, user, got, want)
			}
			for _, other := range callers {
				want := "none"
				if other == user && attach != nil { // it still belongs to nothing
					want = "edit"
				}
				if attach == nil {
					continue
				}
				_, see := w.File(t.Context(), w.as(orgA, other), free.ID)
				_, edit := w.rename(w.as(orgA, other), free.ID, "free.txt", "")
				if got := access(see, edit); got != want {
					t.Errorf("free upload of %d, user %d: %s, want %s", user, other, got, want)
				}
			}
		}
	}
	// The other organization has records of the same ids.
	file := w.must(root, crm.OfCustomer, 1, "a.txt", "text")
	if _, err := w.File(t.Context(), w.as(orgB, admin), file.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("another organization reads: %v", err)
	}
	if err := w.remove(w.as(orgB, admin), file.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("another organization deletes: %v", err)
	}
	if got := w.names(w.as(orgB, admin), crm.OfCustomer, 1); got != "" {
		t.Errorf("another organization lists %s", got)
	}
	for _, kind := range []string{crm.OfCustomer, crm.OfContact, crm.OfLead, crm.OfUser, "Opportunity", ""} {
		if _, err := w.add(root, kind, 99, "a.txt", "text"); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("a file of %s 99: %v", kind, err)
		}
	}
}

// What field rights hide of a record hides its files too, wherever they could
// be asked for.
func TestHiddenFiles(t *testing.T) {
	w := newFileWorld(t)
	root, blind := w.as(orgA, admin), w.as(orgA, blinded)
	secret := w.must(root, "", 0, "secret.pdf", "%PDF-1.7")
	card := w.must(root, "", 0, "card.png", pngFile())
	if _, err := w.update(root, 1, func(k *crm.CustomerDraft) {
		k.Custom = crm.Values(`{"file_asset_000002":[` + fmt.Sprint(secret.ID) + `]}`)
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.updateContact(root, 1, func(k *crm.Contact) { k.CardID = card.ID }); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		file *crm.Attachment
		kind string
	}{{secret, crm.OfCustomer}, {card, crm.OfContact}} {
		if _, err := w.File(t.Context(), root, x.file.ID); err != nil {
			t.Errorf("%s: %v", x.file.Name, err)
		}
		if _, err := w.File(t.Context(), blind, x.file.ID); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s is shown: %v", x.file.Name, err)
		}
		if _, err := w.rename(blind, x.file.ID, "x", ""); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s is renamed: %v", x.file.Name, err)
		}
		if err := w.remove(blind, x.file.ID); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s is deleted: %v", x.file.Name, err)
		}
		if got := w.names(blind, x.kind, 1) + w.names(root, x.kind, 1); got != "" {
			t.Errorf("%s is among the files: %s", x.file.Name, got)
		}
	}
	if k, err := w.ContactDetail(t.Context(), blind, 1); err != nil || k.Card != nil {
		t.Errorf("the card is shown: %+v, %v", k.Card, err)
	}
	if k, err := w.ContactDetail(t.Context(), root, 1); err != nil || k.Card == nil {
		t.Errorf("the card is not shown: %v", err)
	}
	one, _ := acting(blind, "")
	other := w.must(blind, "", 0, "other.png", pngFile())
	nothing := func(*crm.Attachment) error { return nil }
	if err := w.SetCard(t.Context(), one, crm.OfContact, 1, &Picture{ID: other.ID}, nothing); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a hidden card is replaced: %v", err)
	}
	if err := w.RemoveCard(t.Context(), one, crm.OfContact, 1, nothing); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("a hidden card is removed: %v", err)
	}
	// The value of a custom field goes with a change of the field.
	if err := w.remove(root, secret.ID); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("the value of a field is deleted: %v", err)
	}
	if _, err := w.update(root, 1, func(k *crm.CustomerDraft) { k.Custom = nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := w.File(t.Context(), root, secret.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("what no field names is still there: %v", err)
	}
	w.logged("attachment", secret.ID, "destroy", "name: secret.pdf → <nil>", "file_file_name: secret.pdf → <nil>",
		"file_content_type: application/pdf → <nil>", "file_file_size: 8 → <nil>", "attachmentable_type: Customer → <nil>",
		"attachmentable_id: 1 → <nil>", "digest: "+secret.Digest+" → <nil>")
}

// The files of a record are a field that can be hidden as a whole.
func TestHiddenListOfFiles(t *testing.T) {
	w := newFileWorld(t)
	w.amend(orgA, func(tx *store.Write) error {
		return tx.SetRole(&crm.Role{ID: 5, Scope: crm.ScopeOrganization, Rights: crm.RightsOfNormal(),
			Hidden: map[string]crm.Hiding{"customer.attachments": crm.HideOthers}}, 1)
	})
	root, blind := w.as(orgA, admin), w.as(orgA, blinded)
	a := w.must(root, crm.OfCustomer, 1, "a.txt", "text")
	if _, err := w.File(t.Context(), blind, a.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("the file is shown: %v", err)
	}
	if got := w.names(blind, crm.OfCustomer, 1); got != "" {
		t.Errorf("the list shows %s", got)
	}
	for c, want := range map[*Caller]int{root: 1, blind: 0} {
		if k, err := w.CustomerDetail(t.Context(), c, 1); err != nil || len(k.Attachments) != want {
			t.Errorf("the detail shows %d, want %d; %v", len(k.Attachments), want, err)
		}
	}
	if _, err := w.add(blind, crm.OfCustomer, 1, "b.txt", "text"); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("upload: %v", err)
	}
	free := w.must(blind, "", 0, "c.txt", "text")
	if _, err := w.attach(blind, free.ID, crm.OfCustomer, 1); !errors.Is(err, crm.ErrForbidden) {
		t.Errorf("attach: %v", err)
	}
	if len(w.keys()) != 2 {
		t.Errorf("the bytes are %v", w.keys())
	}
}

// A lead that has become a customer keeps its files, and gets no others.
func TestFilesOfTurnedLead(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	a := w.must(c, crm.OfLead, 1, "a.txt", "text")
	w.amend(orgA, func(tx *store.Write) error {
		l, err := tx.Lead(orgA, 1)
		if err != nil {
			return err
		}
		l.CustomerID = 1
		return tx.SetLead(l)
	})
	if got := w.names(c, crm.OfLead, 1); got != "a.txt" {
		t.Errorf("its files are %q", got)
	}
	if _, err := w.add(c, crm.OfLead, 1, "b.txt", "text"); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("upload: %v", err)
	}
	if err := w.remove(c, a.ID); !errors.Is(err, crm.Invalid("", "")) {
		t.Errorf("delete: %v", err)
	}
}
