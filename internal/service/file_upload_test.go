package service

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"guanxi/internal/blob"
	"guanxi/internal/crm"
	"guanxi/internal/store"
)

// hugePNG is the beginning of a picture that says it has 4 billion pixels.
func hugePNG() string {
	chunk := append([]byte("IHDR"), make([]byte, 13)...)
	binary.BigEndian.PutUint32(chunk[4:], 65535)
	binary.BigEndian.PutUint32(chunk[8:], 65535)
	chunk[12], chunk[13] = 8, 2
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), chunk...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(chunk)))
}

func TestUpload(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	found, err := w.addAll(c, "", &NewFiles{Uploads: []Upload{uploadOf(`C:\card.png`, pngFile()), uploadOf("客户.csv", "姓名\n")},
		OwnerType: crm.OfContact, OwnerID: 1, SubType: "scan", Note: "正面"})
	if err != nil || len(found) != 2 {
		t.Fatal(found, err)
	}
	a, err := w.File(t.Context(), c, found[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	want := crm.Attachment{ID: a.ID, Name: "card.png", OwnerType: crm.OfContact, OwnerID: 1, SubType: "scan", Note: "正面", FileName: "card.png",
		ContentType: "image/png", Size: int64(len(pngFile())), Digest: found[0].Digest, Width: 30, Height: 20, UserID: owner, Key: found[0].Key,
		CreatedAt: crm.At(w.clock.Now()), UpdatedAt: crm.At(w.clock.Now())}
	if *a != want || len(a.Digest) != 64 {
		t.Errorf("got %+v, want %+v", *a, want)
	}
	if got := w.names(c, crm.OfContact, 1); got != "客户.csv card.png" {
		t.Errorf("the files are %q", got)
	}
	w.logged("attachment", a.ID, "create", "name: <nil> → card.png", "file_file_name: <nil> → card.png", "file_content_type: <nil> → image/png",
		fmt.Sprint("file_file_size: <nil> → ", a.Size), "attachmentable_type: <nil> → Contact", "attachmentable_id: <nil> → 1",
		"sub_type: <nil> → scan", "note: <nil> → 正面", "digest: <nil> → "+a.Digest)
	w.logged("contact", 1, "update", "attachments: <nil> → 客户.csv")
	if got, err := w.rename(c, a.ID, "  名片\u202e正面.png ", "新"); err != nil || got.Name != "名片正面.png" || got.Note != "新" || got.FileName != "card.png" {
		t.Errorf("renamed: %+v, %v", got, err)
	}
	w.logged("contact", 1, "update", "attachments: card.png → 名片正面.png")
	before := w.rows(orgA)
	for _, name := range []string{"", " \u3000", strings.Repeat("长", 256)} {
		if _, err := w.rename(c, a.ID, name, ""); !errors.Is(err, crm.Invalid("", "")) {
			t.Errorf("renamed to %q: %v", name, err)
		}
	}
	if _, err := w.rename(c, a.ID, "名片正面.png", "新"); err != nil || w.rows(orgA) != before {
		t.Errorf("a change of nothing: %v; there was %s, there is %s", err, before, w.rows(orgA))
	}
	if err := w.remove(c, a.ID); err != nil {
		t.Fatal(err)
	}
	w.logged("contact", 1, "update", "attachments: 名片正面.png → <nil>")
	if keys := w.keys(); len(keys) != 1 || keys[0] != found[1].Key {
		t.Errorf("the bytes left are %v", keys)
	}
	if err := w.remove(c, a.ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

// A refused upload leaves neither rows nor bytes.
func TestRefusedUploads(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	large := uploadOf("a.bin", strings.Repeat("x", 1<<20+1))
	lying := large
	lying.Size, lying.Content = 10, strings.NewReader(strings.Repeat("x", 1<<20+1))
	for name, x := range map[string]struct {
		in   NewFiles
		want string
	}{
		"too large":              {NewFiles{Uploads: []Upload{large}}, "文件不能超过1MB"},
		"larger than it says":    {NewFiles{Uploads: []Upload{lying}}, "文件不能超过1MB"},
		"a program by name":      {NewFiles{Uploads: []Upload{uploadOf("a.exe", "text")}}, "不能上传程序文件"},
		"a program by content":   {NewFiles{Uploads: []Upload{uploadOf("a.jpg", "MZ\x90\x00\x03\x00")}}, "不能上传程序文件"},
		"a script":               {NewFiles{Uploads: []Upload{uploadOf("notes.txt", "#!/bin/sh\n")}}, "不能上传程序文件"},
		"too many pixels":        {NewFiles{Uploads: []Upload{uploadOf("a.png", hugePNG())}}, "图片的像素过多"},
		"the second one of two":  {NewFiles{Uploads: []Upload{uploadOf("a.txt", "text"), uploadOf("b.exe", "text")}}, "不能上传程序文件"},
		"a long note":            {NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, Note: strings.Repeat("长", 2001)}, "备注不能超过2000个字符"},
		"a long kind":            {NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, SubType: strings.Repeat("x", 65)}, "子类型不能超过64个字符"},
		"a record out of reach":  {NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, OwnerType: crm.OfCustomer, OwnerID: 3}, crm.ErrNotFound.Message},
		"a record only to see":   {NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, OwnerType: crm.OfCustomer, OwnerID: 2}, crm.ErrForbidden.Message},
		"many":                   {NewFiles{Uploads: slices.Repeat([]Upload{uploadOf("a.txt", "")}, 21)}, "一次最多上传20个文件"},
		"a record that is no id": {NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, OwnerType: crm.OfLead, OwnerID: -1}, crm.ErrNotFound.Message},
	} {
		before := w.rows(orgA)
		_, err := w.addAll(c, "ticket "+name, &x.in)
		var e *crm.Error
		if !errors.As(err, &e) || e.Message != x.want || e.English == "" {
			t.Errorf("%s: %v", name, err)
		}
		if after, keys := w.rows(orgA), w.keys(); after != before || len(keys) > 0 {
			t.Errorf("%s: there was %s, there is %s; bytes %v", name, before, after, keys)
		}
	}
	// Pages and drawings with scripts are taken, and are for saving only.
	for name, x := range map[string][2]string{
		"page.html":   {"<!DOCTYPE html><script>alert(1)</script>", "text/html"},
		"drawing.svg": {`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "image/svg+xml"},
		"both.html":   {"GIF89a/*<script>alert(1)</script>", "application/octet-stream"},
		"page.jpg":    {"<html><script>alert(1)</script>", "application/octet-stream"},
		"empty.txt":   {"", "text/plain"},
	} {
		a, err := w.add(c, "", 0, name, x[0])
		if err != nil || a.ContentType != x[1] || blob.Inline(a.ContentType) || a.IsPicture() {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
	if _, err := w.addAll(seenAt(c, w.version(orgA)), "", &NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, OwnerType: crm.OfCustomer, OwnerID: 1}); err != nil {
		t.Errorf("as seen last: %v", err)
	}
	if _, err := w.addAll(seenAt(c, 1), "", &NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, OwnerType: crm.OfCustomer, OwnerID: 1}); !errors.Is(err, crm.Conflict) {
		t.Errorf("the record has got another file since: %v", err)
	}
}

// While the storage does not answer nothing is written, and what was kept of a
// call that fails half way goes again.
func TestUploadWithoutStorage(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	two := func() *NewFiles {
		return &NewFiles{Uploads: []Upload{uploadOf("a.txt", "text"), uploadOf("b.txt", "text")}, OwnerType: crm.OfCustomer, OwnerID: 1}
	}
	before := w.rows(orgA)
	w.files.down.Store(true)
	if _, err := w.addAll(c, "ticket", two()); w.Unavailable(err) != crm.ErrUnavailable {
		t.Errorf("without storage: %v", err)
	}
	w.files.down.Store(false)
	w.files.failAt.Store(1)
	if _, err := w.addAll(c, "ticket", two()); w.Unavailable(err) != crm.ErrUnavailable {
		t.Errorf("the second file: %v", err)
	}
	if after, keys := w.rows(orgA), w.keys(); after != before || len(keys) > 0 {
		t.Errorf("there was %s, there is %s; bytes %v", before, after, keys)
	}
	w.files.failAt.Store(-1)
	found, err := w.addAll(c, "ticket", two())
	if err != nil {
		t.Fatal(err)
	}
	// A deleted row stays deleted when the bytes cannot follow it; they are swept.
	w.files.down.Store(true)
	if err := w.remove(c, found[0].ID); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := w.LinkedFile(t.Context(), orgA, found[0].ID); !errors.Is(err, crm.ErrNotFound) {
		t.Errorf("a link still leads to it: %v", err)
	}
	w.files.down.Store(false)
	if keys := w.keys(); len(keys) != 2 {
		t.Errorf("the bytes are %v", keys)
	}
	w.later()
	w.sweep()
	if keys := w.keys(); len(keys) != 1 || keys[0] != found[1].Key {
		t.Errorf("the bytes left are %v", keys)
	}
}

func TestManyUploadsAtOnce(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	const n = 64
	var made [n]*crm.Attachment
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			var err error
			if made[i], err = w.add(c, crm.OfCustomer, 1, fmt.Sprintf("%d.txt", i), fmt.Sprint("text ", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	ids, keys := map[int64]bool{}, map[string]bool{}
	for i, a := range made {
		if a == nil {
			continue
		}
		ids[a.ID], keys[a.Key] = true, true
		f, info, err := w.OpenFile(t.Context(), a)
		if err != nil || info.Size != int64(len(fmt.Sprint("text ", i))) {
			t.Errorf("%d: %+v, %v", i, info, err)
			continue
		}
		f.Close()
	}
	if len(ids) != n || len(keys) != n || len(w.keys()) != n {
		t.Errorf("%d ids, %d keys, %d files", len(ids), len(keys), len(w.keys()))
	}
	_, page, err := w.Files(t.Context(), c, crm.OfCustomer, 1, &crm.ListQuery{Page: 2, PerPage: 60})
	if err != nil || page.Total != n || page.More || page.Page != 2 {
		t.Errorf("the list: %+v, %v", page, err)
	}
}

// The same upload sent again, at the same time or later, is one file and one
// row.
func TestUploadTwice(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	var all sync.WaitGroup
	answers := make([]string, 64)
	for i := range answers {
		all.Go(func() {
			one, answer := acting(c, "same", "a.txt")
			in := &NewFiles{Uploads: []Upload{uploadOf("a.txt", "text")}, OwnerType: crm.OfCustomer, OwnerID: 1}
			if err := w.AddFiles(t.Context(), one, in, func(files []*crm.Attachment) error {
				*answer = fmt.Append(*answer, files[0].ID)
				return nil
			}); err != nil {
				t.Error(err)
			}
			answers[i] = string(*answer)
		})
	}
	all.Wait()
	if slices.Sort(answers); answers[0] == "" || answers[0] != answers[len(answers)-1] {
		t.Errorf("the answers are %v", slices.Compact(answers))
	}
	if got := w.names(c, crm.OfCustomer, 1); got != "a.txt" {
		t.Errorf("the files are %q", got)
	}
	if keys := w.keys(); len(keys) != 1 {
		t.Errorf("the bytes are %v", keys)
	}
	w.later()
	w.sweep()
	if keys := w.keys(); len(keys) != 1 {
		t.Errorf("after the sweep the bytes are %v", keys)
	}
}

// Whatever happens between the bytes and the row, no row is without bytes, and
// bytes without a row are swept away when they are old.
func TestSweep(t *testing.T) {
	w := newFileWorld(t)
	c := w.as(orgA, owner)
	kept := w.must(c, crm.OfCustomer, 1, "kept.txt", "text")
	// The process ends before the row is written.
	if _, err := blob.Receive(t.Context(), w.files, orgA, "cut.txt", strings.NewReader("cut"), 100); err != nil {
		t.Fatal(err)
	}
	// The answer of the commit is lost, and it was not written.
	one, _ := acting(c, "")
	in := &NewFiles{Uploads: []Upload{uploadOf("lost.txt", "lost")}}
	if err := w.AddFiles(t.Context(), one, in, func([]*crm.Attachment) error { return store.ErrUnknownOutcome }); !errors.Is(err, store.ErrUnknownOutcome) {
		t.Fatal(err)
	}
	// Bytes of an organization that is gone, and another program's.
	for _, key := range []string{blob.NewKey(99), "57/14918"} {
		if _, err := w.files.Put(t.Context(), key, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(w.keys()); n != 5 {
		t.Fatalf("%d files are kept", n)
	}
	w.clock.advance(time.Until(w.clock.Now()).Abs() + sweepAge/2)
	if w.sweep(); len(w.keys()) != 5 {
		t.Errorf("what is new was swept: %v", w.keys())
	}
	w.later()
	w.sweep()
	want := []string{kept.Key, "57/14918"}
	slices.Sort(want)
	if keys := w.keys(); !slices.Equal(keys, want) {
		t.Errorf("the bytes left are %v, want %v", keys, want)
	}
	if _, err := blob.Receive(t.Context(), w.files.Dir, orgA, "cut.txt", strings.NewReader("cut"), 100); err != nil {
		t.Fatal(err)
	}
	w.files.down.Store(true)
	if err := w.SweepFiles(t.Context()); !errors.Is(err, blob.ErrUnavailable) {
		t.Errorf("without storage: %v", err)
	}
}

// A record takes its files with it.
func TestFilesGoWithTheirRecord(t *testing.T) {
	w := newFileWorld(t)
	root := w.as(orgA, admin)
	var gone []*crm.Attachment
	for _, x := range []struct {
		kind string
		id   int64
	}{{crm.OfCustomer, 1}, {crm.OfContact, 1}, {crm.OfContact, 2}, {crm.OfLead, 1}} {
		gone = append(gone, w.must(root, x.kind, x.id, "a.txt", "text"))
	}
	stays := w.must(root, crm.OfCustomer, 2, "b.txt", "text")
	one, _ := acting(root, "")
	if err := w.DeleteCustomer(t.Context(), one, 1, func(*crm.CustomerDetail) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := w.DeleteLead(t.Context(), one, 1, func(*crm.LeadDetail) error { return nil }); err != nil {
		t.Fatal(err)
	}
	for _, a := range gone {
		if _, err := w.LinkedFile(t.Context(), orgA, a.ID); !errors.Is(err, crm.ErrNotFound) {
			t.Errorf("%s of %s: %v", a.Name, a.OwnerType, err)
		}
		if action, _ := w.lastLog("attachment", a.ID); action != "destroy" {
			t.Errorf("the log of %s says %s", a.OwnerType, action)
		}
	}
	w.later()
	w.sweep()
	if keys := w.keys(); len(keys) != 1 || keys[0] != stays.Key {
		t.Errorf("the bytes left are %v", keys)
	}
}
