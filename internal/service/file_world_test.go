package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// fileStore is a folder of bytes that can be made to fail.
type fileStore struct {
	*blob.Dir
	down atomic.Bool
	// failAt lets only so many more Puts succeed, where it is not negative.
	failAt atomic.Int64
}

func (f *fileStore) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if f.down.Load() || f.failAt.Load() == 0 {
		return 0, fmt.Errorf("%w: put: connection refused", blob.ErrUnavailable)
	}
	f.failAt.Add(-1)
	return f.Dir.Put(ctx, key, r)
}

func (f *fileStore) Delete(ctx context.Context, key string) error {
	if f.down.Load() {
		return fmt.Errorf("%w: delete: connection refused", blob.ErrUnavailable)
	}
	return f.Dir.Delete(ctx, key)
}

// fileWorld is a world of pools with a storage of files, and with lead 1 of the
// owner and lead 2 in a pool of everybody.
type fileWorld struct {
	*world
	files *fileStore
}

func newFileWorld(t *testing.T) *fileWorld {
	t.Helper()
	w := &fileWorld{world: poolWorld(t)}
	dir, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w.files = &fileStore{Dir: dir}
	w.files.failAt.Store(-1)
	w.blobs, w.Service.settings.UploadLimit = w.files, 1<<20
	now := crm.Time(startOfClock)
	w.amend(orgA, func(tx *store.Write) error {
		hidden := map[string]crm.Hiding{"customer.file_asset_000002": crm.HideAll, "contact.card_attachment_id": crm.HideOthers}
		return errors.Join(
			tx.SetRole(&crm.Role{ID: 5, Scope: crm.ScopeOrganization, Rights: crm.RightsOfNormal(), Hidden: hidden}, now),
			tx.AddLead(&crm.Lead{ID: 1, OwnerID: owner, DepartmentID: 2, Name: "张三", CreatedAt: now, UpdatedAt: now, Address: crm.Address{ID: 21}}),
			tx.AddLead(&crm.Lead{ID: 2, PoolID: leadPoolID, Name: "李四", CreatedAt: now, UpdatedAt: now, Address: crm.Address{ID: 22}}),
			tx.SkipIDs(store.Leads, 2), tx.SkipIDs(store.Addresses, 30))
	})
	return w
}

// pngFile is a picture.
var pngFile = sync.OnceValue(func() string {
	img := image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{color.Black, color.White})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.String()
})

func uploadOf(name, content string) Upload {
	return Upload{Name: name, Size: int64(len(content)), Content: strings.NewReader(content)}
}

// add uploads one file for a record, or for none.
func (w *fileWorld) add(c *Caller, kind string, id int64, name, content string) (*crm.Attachment, error) {
	found, err := w.addAll(c, "", &NewFiles{Uploads: []Upload{uploadOf(name, content)}, OwnerType: kind, OwnerID: id})
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// must is add that succeeds.
func (w *fileWorld) must(c *Caller, kind string, id int64, name, content string) *crm.Attachment {
	w.t.Helper()
	a, err := w.add(c, kind, id, name, content)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

func (w *fileWorld) addAll(c *Caller, ticket string, in *NewFiles) (found []*crm.Attachment, err error) {
	one, _ := acting(c, ticket)
	one.Act.Unmodified = unmodified(c)
	err = w.AddFiles(w.t.Context(), one, in, func(files []*crm.Attachment) error {
		found = files
		return nil
	})
	return found, err
}

// keys are the keys of all kept bytes.
func (w *fileWorld) keys() (all []string) {
	w.t.Helper()
	err := w.files.Each(w.t.Context(), func(key string, _ blob.Info) error {
		all = append(all, key)
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// names are the names of a record's files as its list shows them.
func (w *fileWorld) names(c *Caller, kind string, id int64) string {
	w.t.Helper()
	found, page, err := w.Files(w.t.Context(), c, kind, id, &crm.ListQuery{PerPage: 100})
	if err != nil {
		return err.Error()
	}
	var all []string
	for _, a := range found {
		all = append(all, a.Name)
	}
	if page.Total != len(all) {
		w.t.Errorf("%d files are counted, %d listed", page.Total, len(all))
	}
	return strings.Join(all, " ")
}

// later moves the clock so far that everything kept now is old enough to be
// swept.
func (w *fileWorld) later() { w.clock.advance(time.Until(w.clock.Now()).Abs() + 2*sweepAge) }

func (w *fileWorld) sweep() {
	w.t.Helper()
	if err := w.SweepFiles(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *fileWorld) remove(c *Caller, id int64) error {
	one, _ := acting(c, "")
	return w.DeleteFile(w.t.Context(), one, id, func(*crm.Attachment) error { return nil })
}

func (w *fileWorld) rename(c *Caller, id int64, name, note string) (out *crm.Attachment, err error) {
	one, _ := acting(c, "")
	one.Act.Unmodified = unmodified(c)
	err = w.UpdateFile(w.t.Context(), one, id, func(a *crm.Attachment) error {
		a.Name, a.Note = name, note
		return nil
	}, func(a *crm.Attachment) error {
		out = a
		return nil
	})
	return out, err
}

func (w *fileWorld) attach(c *Caller, id int64, kind string, owner int64) (out *crm.Attachment, err error) {
	one, _ := acting(c, "")
	err = w.AttachFile(w.t.Context(), one, id, &crm.Attachment{OwnerType: kind, OwnerID: owner}, func(a *crm.Attachment) error {
		out = a
		return nil
	})
	return out, err
}

// access says in a word what an error allows: edit, see or none.
func access(see, edit error) string {
	switch {
	case see == nil && edit == nil:
		return "edit"
	case see == nil && errors.Is(edit, crm.ErrForbidden):
		return "see"
	case errors.Is(see, crm.ErrNotFound) && errors.Is(edit, crm.ErrNotFound):
		return "none"
	}
	return fmt.Sprint(see, ", ", edit)
}
